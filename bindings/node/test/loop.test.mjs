import assert from 'node:assert/strict';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { test } from 'node:test';

import { emulator } from './helper.mjs';

test('the event loop is free while 64 calls with 35 KB answers are in flight', async () => {
  const long = 'x'.repeat(1020);
  const service = await emulator({ phones: 32, rules: [{ command: 'long', stdout: long }] });
  const client = service.client();
  await client.runCommand(service.instanceIds, 'long');
  service.addFaults({ operation: 'run_command', action: 'delay', milliseconds: 300, times: 64 });

  const delay = monitorEventLoopDelay({ resolution: 1 });
  const before = performance.eventLoopUtilization();
  let [turns, over] = [0, false];
  const turn = () => {
    turns++;
    if (!over) setTimeout(turn, 1);
  };
  delay.enable();
  turn();
  const calls = Array.from({ length: 64 }, () => client.runCommand(service.instanceIds, 'long'));
  const answers = await Promise.all(calls);
  over = true;
  delay.disable();
  const { utilization } = performance.eventLoopUtilization(before);

  assert.ok(answers.every((answer) => answer.length === 32 && answer.every(({ output }) => output === long)));
  const said =
      `${turns} turns, p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, ${(utilization * 100).toFixed(0)} % busy`;
  console.log(`# ${said}`);
  // A loop that a call blocked would turn as often as there are calls, and wait 300 ms at a time.
  assert.ok(turns > 100, said);
  assert.ok(delay.percentile(99) < 100e6, said);
  assert.ok(utilization < 0.6, said);
});
