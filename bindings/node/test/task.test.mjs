import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KooPhoneError, Task } from '../dist/index.mjs';
import { emulator, failure, until } from './helper.mjs';

const service = await emulator({ phones: 3, jobDurationMs: 20, resetDurationMs: 20 });
const ids = service.instanceIds;
const client = service.client();

test('startCommand: a task that knows the job of every phone', async () => {
  const task = await client.startCommand(ids, 'echo done');
  assert.ok(task instanceof Task);
  assert.equal(task.operation, 'start_command');
  assert.equal(task.taskIds.length, 1);
  assert.deepEqual(
    task.phones.map(({ instanceId }) => instanceId),
    ids,
  );
  assert.ok(task.canBeFollowed && task.phones.every(({ jobId, error }) => jobId && error === null));
  const progress = [];
  const results = await task.wait({ onProgress: (step) => progress.push(step) });
  assert.deepEqual(
    results.map(({ instanceId, output }) => [instanceId, output]),
    ids.map((id) => [id, 'done']),
  );
  assert.deepEqual(progress[0], { succeeded: 0, failed: 0, running: 3, total: 3 });
  assert.deepEqual(progress.at(-1), { succeeded: 3, failed: 0, running: 0, total: 3 });
  const status = await task.poll();
  assert.ok(status.finished && status.jobs.length === 3);
  assert.deepEqual((await client.getTask(task.taskIds[0])).progress, status.progress);
});

test('a saved task is taken up again, also by its bare id', async () => {
  const task = await client.startCommand(ids, 'echo saved');
  const saved = task.save();
  assert.match(saved, /^[\w.-]+$/);
  const resumed = service.client().resumeTask(saved);
  assert.deepEqual({ ...resumed }, { ...task });
  assert.deepEqual(
    (await resumed.wait()).map(({ output }) => output),
    ['saved', 'saved', 'saved'],
  );
  const bare = client.resumeTask(task.taskIds[0]);
  assert.deepEqual(bare.phones, []);
  assert.equal((await bare.wait()).length, 3);
  assert.throws(
    () => client.resumeTask('kptask1.damaged'),
    (error) => error instanceof KooPhoneError && error.kind === 'invalid_argument',
  );
});

test('progress as an async iterator', async () => {
  const task = await client.startCommand(ids, 'echo step');
  const steps = [];
  for await (const step of task) steps.push(step);
  assert.equal(steps[0].succeeded, 0);
  assert.equal(steps.at(-1).succeeded, 3);
});

test('leaving the loop stops the reading', async () => {
  const task = await client.startCommand(ids, 'sleep 600');
  for await (const step of task) {
    assert.equal(step.running, 3);
    break;
  }
  const reads = (id) => service.requests().filter(({ path }) => path.endsWith(`/${id}`)).length;
  // A second task that is read five times: the first would have been read as often.
  const other = await client.startCommand([ids[0]], 'sleep 600');
  await failure(other.wait({ timeoutMs: 900 }));
  assert.ok(reads(other.taskIds[0]) >= 4);
  assert.ok(reads(task.taskIds[0]) <= 1);
});

test('the iterator ends with the failure of the wait', async () => {
  const task = await client.startCommand(ids, 'sleep 600');
  const error = await failure(
    (async () => {
      for await (const step of task.progress({ timeoutMs: 30 })) assert.equal(step.total, 3);
    })(),
  );
  assert.ok(KooPhoneError.is(error, 'timeout'));
  const controller = new AbortController();
  const stopped = await failure(
    (async () => {
      for await (const step of task.progress({ signal: controller.signal })) {
        assert.equal(step.total, 3);
        controller.abort('enough');
      }
    })(),
  );
  assert.ok(KooPhoneError.is(stopped, 'cancelled'));
  assert.equal(stopped.cause, 'enough');
});

test('a wait out of time keeps the last state of every job, and the task continues', async () => {
  const task = await client.startCommand([ids[0]], 'sleep 600');
  const error = await failure(task.wait({ timeoutMs: 40 }));
  assert.ok(KooPhoneError.is(error, 'timeout') && error.retryable);
  assert.deepEqual(
    error.lastJobs.map(({ instanceId, state }) => [instanceId, state]),
    [[ids[0], 'running']],
  );
});

test('a wait can be cancelled', async () => {
  const task = await client.startCommand([ids[0]], 'sleep 600');
  const controller = new AbortController();
  const before = service.requests().length;
  const wait = failure(task.wait({ signal: controller.signal }));
  await until(() => service.requests().length > before);
  controller.abort();
  assert.ok(KooPhoneError.is(await wait, 'cancelled'));
});

test('what onProgress throws ends the wait', async () => {
  const task = await client.startCommand([ids[0]], 'sleep 600');
  const mine = new Error('mine');
  const error = await failure(
    task.wait({
      onProgress: () => {
        throw mine;
      },
    }),
  );
  assert.equal(error, mine);
});

test('jobs that fail carry errors; check makes them the failure of the wait', async () => {
  const task = await client.startCommand(ids, 'ls /nowhere');
  const results = await task.wait();
  assert.ok(results.every(({ state, error }) => state === 'failed' && error instanceof KooPhoneError));
  assert.match((await failure(task.wait({ check: true }))).message, /^3 of 3 phones failed/);
});

test('resetInstances: a task that can be followed where the service returns one', async () => {
  const task = await client.resetInstances([ids[2]]);
  assert.equal(task.operation, 'reset_instances');
  assert.ok(task.canBeFollowed);
  assert.equal((await task.wait())[0].state, 'succeeded');
  const older = await emulator({ phones: 1, quirks: ['reset_without_task'] });
  const accepted = await older.client().resetInstances(older.instanceIds);
  assert.equal(accepted.canBeFollowed, false);
  assert.equal((await failure(accepted.wait())).kind, 'invalid_argument');
});
