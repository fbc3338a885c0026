// Programs and frameworks that a client lives in: other contexts, garbage collection, no threads.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { test } from 'node:test';
import vm from 'node:vm';

import * as koophone from '../dist/index.mjs';
import { emulator, failure, run } from './helper.mjs';

/** The package as Jest and `vitest --pool=vmThreads` load it: again, in a context whose classes are not Node's. */
function inOtherContext() {
  const require = createRequire(import.meta.url);
  const file = require.resolve('koophone');
  const context = vm.createContext({ process, console, setTimeout });
  const parameters = ['require', 'module', 'exports', '__filename', '__dirname'];
  const load = vm.compileFunction(readFileSync(file, 'utf8'), parameters, { parsingContext: context, filename: file });
  const module = { exports: {} };
  load(createRequire(file), module, module.exports, file, dirname(file));
  return { context, ...module.exports };
}

test('in a separate context: refusals of the addon are KooPhoneErrors, and everything works', async () => {
  const { context, Client, Credentials, Emulator, KooPhoneError, VideoSettings } = inOtherContext();
  assert.notEqual(vm.runInContext('Error', context), Error);
  const service = await Emulator.start({ phones: 2 });
  const ids = service.instanceIds;
  const client = service.client({ log: () => {} });
  for (const work of [
    () => new Client({ batchSize: 1000, environment: {} }),
    () => new Credentials({ accessKey: 'a' }),
    () => client.resumeTask('kptask1.damaged'),
    () => client.runCommand([], 'true'),
    () => client.runCommand(ids, 'true', { timeout: 5 }),
    () => Emulator.start({ fones: 1 }),
    () => service.addFaults({ action: 'explode' }),
  ]) {
    const error = await failure(Promise.resolve().then(work));
    assert.ok(error instanceof KooPhoneError, `${work}: ${error}`);
    assert.equal(error.kind, 'invalid_argument');
    assert.ok(koophone.KooPhoneError.is(error, 'invalid_argument') && !(error instanceof koophone.KooPhoneError));
  }
  // Values of either context's classes.
  for (const list of [ids, [...ids], vm.runInContext(JSON.stringify(ids), context)]) {
    assert.equal((await client.runCommand(list, 'echo x', { signal: new AbortController().signal })).length, 2);
  }
  for (const video of [VideoSettings.default(), koophone.VideoSettings.default(),
      koophone.VideoSettings.default().settings]) {
    assert.equal((await client.setVideoSettings(ids, video))[0].error, null);
  }
  await service.close();
});

test('credentials that another copy of the package made are taken', async () => {
  const { Credentials } = inOtherContext();
  const service = await emulator({ phones: 1 });
  const { user, password, accountDomain } = service.credentials;
  const client = service.client({ credentials: Credentials.password(user, password, accountDomain) });
  assert.equal((await client.login()).user, user);
});

test('an emulator serves until it is closed, although only its clients hold it', async () => {
  const { code, stdout, stderr } = await run(
    `import { Client, Emulator } from 'koophone';
    const start = async () => {
      const emulator = await Emulator.start({ phones: 1 });
      return [emulator.client(), emulator.clientOptions(), emulator.instanceIds];
    };
    const [client, options, ids] = await start();
    for (let n = 0; n < 10; n++) {
      globalThis.gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const task = await client.startCommand(ids, 'echo task');
    const [one] = await client.runCommand(ids, 'echo one');
    const [two] = await new Client(options).runCommand(ids, 'echo two');
    const [three] = await task.wait();
    console.log(one.output, two.output, three.output);`,
    { args: ['--expose-gc'] },
  );
  assert.deepEqual([code, stdout], [0, 'one two task\n'], stderr);
});

test('where no thread can be made: errors of kind configuration', { skip: process.platform !== 'linux' }, async () => {
  const { code, signal, stdout, stderr } = await run(`
    import { spawnSync } from 'node:child_process';
    import { Client, Emulator, KooPhoneError, Credentials } from 'koophone';
    import { runCli } from './dist/cli.js';
    Credentials.chain(); // Files are read here: the user that root turns into may not be allowed to.
    const limit = (most) => {
      const { status, stderr } = spawnSync('prlimit', ['--pid', String(process.pid), '--nproc=' + most + ':']);
      if (status !== 0) throw new Error(String(stderr));
    };
    limit(1);
    // The limit does not apply to root. No other user has this number.
    if (process.getuid() === 0) process.setuid(61000 + (process.pid % 4000));
    const endpoint = 'http://127.0.0.1:9';
    const credentials = { token: 'x'.repeat(9) };
    const client = new Client({ endpoint, iamEndpoint: endpoint, credentials, environment: {} });
    const id = 'A'.repeat(32);
    const ends = [];
    for (const work of [
      () => client.login(),
      () => client.runCommand([id], 'true'),
      () => client.startCommand([id], 'true', { signal: new AbortController().signal }),
      () => client.queryStatus([id]),
      () => client.resumeTask('0'.repeat(32)).wait(),
      () => Emulator.start(),
      () => runCli(['errors']),
    ]) {
      const end = await work().catch((error) => error);
      ends.push(KooPhoneError.is(end) ? end.kind : String(end));
    }
    console.log(ends.join(' '));
    process.stdout.write('', () => process.exit(0));`);
  assert.deepEqual([code, signal], [0, null], stderr);
  assert.equal(stdout, `${Array(7).fill('configuration').join(' ')}\n`, stderr);
});
