import assert from 'node:assert/strict';
import { test } from 'node:test';

import { emulator } from './helper.mjs';

// How long the loop waits at a time depends on the machine's load: benches/ measures that, not this test.
test('the event loop turns while 64 calls are in flight', async () => {
  const service = await emulator({ phones: 32 });
  const client = service.client({ timeoutMs: 600_000 });
  service.addFaults({ operation: 'run_command', action: 'delay', milliseconds: 600_000, times: 64 });

  const controller = new AbortController();
  let settled = 0;
  const calls = Array.from({ length: 64 }, () =>
    client.runCommand(service.instanceIds, 'true', { signal: controller.signal }).finally(() => settled++),
  );
  for (let turn = 0; turn < 500; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.equal(settled, 0, 'no call is finished, and the loop has turned 500 times');

  controller.abort();
  for (const results of await Promise.all(calls)) {
    assert.equal(results.length, 32);
    assert.ok(results.every(({ error }) => error.kind === 'cancelled'));
  }
});

test('64 calls at once with responses of 35 KB arrive whole', async () => {
  const long = 'x'.repeat(1020);
  const service = await emulator({ phones: 32, rules: [{ command: 'long', stdout: long }] });
  const client = service.client();

  const calls = Array.from({ length: 64 }, () => client.runCommand(service.instanceIds, 'long'));
  for (const results of await Promise.all(calls)) {
    assert.deepEqual(results.map(({ instanceId }) => instanceId), service.instanceIds);
    assert.ok(results.every(({ output }) => output === long));
  }
});
