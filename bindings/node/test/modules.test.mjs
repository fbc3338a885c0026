import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import * as esm from 'koophone';
import { run } from './helper.mjs';

const cjs = createRequire(import.meta.url)('koophone');

test('import and require give the same objects under the same names', () => {
  const names = (module) =>
    Object.keys(module)
      .filter((name) => !['default', '__esModule', 'module.exports'].includes(name))
      .sort();
  assert.deepEqual(names(esm), names(cjs));
  assert.deepEqual(names(esm), [
    'Client',
    'Credentials',
    'DeviceToken',
    'Emulator',
    'KooPhoneError',
    'Listing',
    'Phone',
    'Phones',
    'Task',
    'VideoSettings',
    'androidParameters',
    'command',
    'h5Parameters',
  ]);
  for (const name of names(cjs)) {
    assert.equal(esm[name], cjs[name], name);
    // Only functions have a name.
    if (typeof cjs[name] === 'function') assert.equal(cjs[name].name, name);
  }
});

test('importing reads one file of the package', async () => {
  const source = `require('koophone'); console.log(JSON.stringify(Object.keys(require.cache)))`;
  const { stdout } = await run(source, { type: 'commonjs' });
  const files = JSON.parse(stdout);
  assert.equal(files.length, 1, stdout);
  assert.match(files[0], /dist.index\.js$/);
});

for (const [type, load] of [
  ['commonjs', (name) => `require('${name}')`],
  ['module', (name) => `(await import('${name}'))`],
]) {
  test(
    `${type}: importing starts no thread, opens no file and loads no addon`,
    { skip: process.platform !== 'linux' },
    async () => {
      const source = `(async () => {
      const { promises, readdirSync, readFileSync, readlinkSync } = ${load('node:fs')};
      const target = (fd) => {
        try {
          return readlinkSync('/proc/self/fd/' + fd);
        } catch {
          return 'closed';
        }
      };
      // Node may still have the module itself open. The descriptor of the list is closed.
      const isKept = (name) => name !== 'closed' && !/[.](m?js|json)$/.test(name);
      const look = () => ({
        threads: readdirSync('/proc/self/task').length,
        files: readdirSync('/proc/self/fd').map(target).filter(isKept),
        addon: readFileSync('/proc/self/maps', 'utf8').includes('koophone'),
      });
      // Node reads modules with its thread pool: it is to be there before.
      await Promise.all(Array.from({ length: 8 }, () => promises.stat('.')));
      const before = look();
      const { Client } = ${load('koophone')};
      console.log(JSON.stringify([before, look(), typeof Client]));
    })()`;
      const { code, stdout, stderr } = await run(source, { type });
      assert.equal(code, 0, stderr);
      const [before, after, kind] = JSON.parse(stdout);
      assert.deepEqual(after, before);
      assert.equal(kind, 'function');
      assert.equal(before.addon, false);
    },
  );
}

test('the error on a system without an addon is precise', async () => {
  const source = `
    Object.defineProperty(process, 'arch', { value: 'sparc' });
    const { Client } = require('koophone');
    try { new Client(); } catch (error) { console.log(error.message); }`;
  const { stdout } = await run(source, { type: 'commonjs' });
  assert.match(stdout, /no native addon for linux-sparc/);
  assert.match(stdout, /koophone-linux-sparc-gnu/);
  assert.match(stdout, /npm\/cli#4828/);
});

test('bundled by esbuild as ESM, with the package left outside', async () => {
  const contents =
    "import { Emulator } from 'koophone'; const e = await Emulator.start(); " +
    'console.log(typeof e.endpoint); await e.close();';
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    external: ['koophone'],
  });
  const { code, stdout, stderr } = await run(outputFiles[0].text);
  assert.deepEqual([code, stdout], [0, 'string\n'], stderr);
});
