import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { KooPhoneError } from '../dist/index.mjs';
import { emulator, failure, until } from './helper.mjs';

const service = await emulator({ phones: 1 });
const ids = service.instanceIds;
const client = service.client();
await client.login();

const sent = () => service.requests().filter(({ operation }) => operation === 'run_command').length;

test('an aborted signal: nothing is sent', async () => {
  const before = sent();
  const reason = new Error('mine');
  const error = await failure(client.runCommand(ids, 'true', { signal: AbortSignal.abort(reason) }));
  assert.ok(KooPhoneError.is(error, 'cancelled'));
  assert.equal(error.cause, reason);
  assert.equal(sent(), before);
});

/** Checks the list of a call that its signal stopped while it was under way. */
function stopped(results) {
  assert.deepEqual(
    results.map(({ instanceId }) => instanceId),
    ids,
  );
  for (const { error } of results) {
    assert.ok(KooPhoneError.is(error, 'cancelled'), String(error));
    assert.deepEqual([error.maybeExecuted, error.attempts], [true, 1]);
    assert.match(error.requestId, /^[0-9a-f]{32}$/);
  }
}

test('abort while a command is under way: a list, and the connection is closed', async () => {
  service.addFaults({ operation: 'run_command', action: 'no_response' });
  const controller = new AbortController();
  const before = sent();
  const call = client.runCommand(ids, 'true', { signal: controller.signal });
  await until(() => sent() > before);
  controller.abort();
  const results = await call;
  stopped(results);
  assert.equal(results[0].error.cause, controller.signal.reason);
  // Only a disconnect of the client ends a request to which the emulator never responds.
  await until(() => service.requests().at(-1).status === 'cut');
});

test('abort while a request that only reads is under way: the call rejects', async () => {
  service.addFaults({ operation: 'query_status', action: 'no_response' });
  const controller = new AbortController();
  const before = service.requests().length;
  const call = failure(client.queryStatus(ids, { signal: controller.signal }));
  await until(() => service.requests().length > before);
  controller.abort();
  const error = await call;
  assert.ok(KooPhoneError.is(error, 'cancelled'));
  assert.equal(error.cause.name, 'AbortError');
});

test('with check an abort rejects with the list', async () => {
  service.addFaults({ operation: 'run_command', action: 'no_response' });
  const error = await failure(client.runCommand(ids, 'true', { signal: AbortSignal.timeout(30), check: true }));
  assert.ok(KooPhoneError.is(error, 'cancelled'));
  assert.equal(error.cause.name, 'TimeoutError');
  stopped(error.results);
});

test('abort in the pause before a repeat: there is no repeat, and nothing has happened', async () => {
  // A call that was stopped before it sent anything has left its fault.
  service.clearFaults();
  service.addFaults({ operation: 'run_command', action: 'throttle', retryAfter: 60 });
  const controller = new AbortController();
  const before = sent();
  const lines = [];
  const logged = service.client({ log: ({ message }) => lines.push(message), logLevel: 'debug' });
  const call = failure(logged.runCommand(ids, 'true', { signal: controller.signal }));
  await until(() => lines.some((line) => line.includes('throttled')));
  controller.abort('enough');
  const error = await call;
  assert.deepEqual([error.kind, error.cause, error.maybeExecuted], ['cancelled', 'enough', false]);
  await client.login();
  assert.equal(sent(), before + 1);
});

test('AbortSignal.timeout', async () => {
  service.addFaults({ operation: 'query_status', action: 'no_response' });
  const error = await failure(client.queryStatus(ids, { signal: AbortSignal.timeout(30) }));
  assert.ok(KooPhoneError.is(error, 'cancelled'));
  assert.equal(error.cause.name, 'TimeoutError');
});

test('AbortSignal.any', async () => {
  service.addFaults({ operation: 'run_command', action: 'no_response' });
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, AbortSignal.timeout(600_000)]);
  const before = sent();
  const call = client.runCommand(ids, 'true', { signal });
  await until(() => sent() > before);
  controller.abort();
  stopped(await call);
});

test("the user's own handlers stay, and ours go", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const heard = [];
  signal.onabort = () => heard.push('onabort');
  signal.addEventListener('abort', () => heard.push('listener'));
  const listeners = getEventListeners(signal, 'abort').length;
  await client.runCommand(ids, 'true', { signal });
  await failure(client.runCommand(['unknown'], 'true', { signal }));
  await failure(client.runCommand([5], 'true', { signal }));
  assert.equal(getEventListeners(signal, 'abort').length, listeners);
  controller.abort();
  assert.deepEqual(heard.sort(), ['listener', 'onabort']);
});

test('one signal for many calls at the same time is no leak that Node warns of', async () => {
  const warnings = [];
  const listen = (warning) => warnings.push(warning);
  process.on('warning', listen);
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 20 }, () => client.runCommand(ids, 'true', { signal })));
  await new Promise(setImmediate);
  process.off('warning', listen);
  assert.deepEqual(warnings, []);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('one signal stops many calls, and an abort after the end changes nothing', async () => {
  const controller = new AbortController();
  service.addFaults({ operation: 'run_command', action: 'no_response', times: 8 });
  const before = sent();
  const calls = Array.from({ length: 8 }, () => client.runCommand(ids, 'true', { signal: controller.signal }));
  await until(() => sent() === before + 8);
  controller.abort();
  (await Promise.all(calls)).forEach(stopped);
  const late = new AbortController();
  const results = await client.runCommand(ids, 'true', { signal: late.signal });
  late.abort();
  assert.equal(results[0].state, 'succeeded');
});
