import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { emulator, until } from './helper.mjs';

const service = await emulator({ phones: 2 });
const { endpoint, credentials, instanceIds } = service;
const bin = fileURLToPath(new URL('../bin/koophone.js', import.meta.url));
const env = {
  PATH: process.env.PATH,
  KOOPHONE_ENDPOINT: endpoint,
  KOOPHONE_IAM_ENDPOINT: endpoint,
  KOOPHONE_PROJECT_ID: credentials.projectId,
  HUAWEICLOUD_SDK_AK: credentials.accessKey,
  HUAWEICLOUD_SDK_SK: credentials.secretKey,
};

function start(...args) {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'])
    child[stream].setEncoding('utf8').on('data', (text) => (output[stream] += text));
  const end = once(child, 'close').then(([code]) => ({ code, ...output }));
  return { child, end };
}

test('koophone exec runs a command on phones', async () => {
  const { code, stdout, stderr } = await start('exec', '--json', ...instanceIds, '--', 'echo', 'hello').end;
  assert.equal(code, 0, stderr);
  assert.equal(service.journal().filter(({ command }) => command === 'echo hello').length, 2);
  assert.ok(stdout.includes('hello') && instanceIds.every((id) => stdout.includes(id)));
});

test('exit codes are the numbers of the error kinds', async () => {
  assert.equal((await start('errors').end).code, 0);
  const { code, stderr } = await start('nonsense').end;
  assert.equal(code, 1);
  assert.match(stderr, /nonsense/);
});

test('Ctrl-C cancels the call in flight and exits with 13', { skip: process.platform === 'win32' }, async () => {
  service.addFaults({ operation: 'run_command', action: 'no_response' });
  const before = service.requests().length;
  const { child, end } = start('exec', instanceIds[0], '--', 'true');
  await until(() =>
    service
      .requests()
      .slice(before)
      .some(({ operation }) => operation === 'run_command'),
  );
  child.kill('SIGINT');
  assert.equal((await end).code, 13);
});

test(
  'in the background of npx or a script it ends with its parent',
  { skip: process.platform === 'win32' },
  async () => {
    // The shell represents npm and its shell: it starts the emulator, and is killed.
    const script = '"$0" "$@" & wait';
    const stdio = ['ignore', 'pipe', 'inherit'];
    const shell = spawn('sh', ['-c', script, process.execPath, bin, 'emulator'], {
      stdio,
      env: { ...env, npm_command: 'exec' },
    });
    let said = '';
    for await (const text of shell.stdout.setEncoding('utf8')) {
      said += text;
      if (/http:\/\/127\.0\.0\.1:\d+/.test(said)) break;
    }
    const [address] = said.match(/http:\/\/127\.0\.0\.1:\d+/);
    const serves = () =>
      fetch(address).then(
        () => true,
        () => false,
      );
    assert.ok(await serves());
    shell.kill('SIGKILL');
    await once(shell, 'exit');
    while (await serves());
  },
);
