import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { KooPhoneError } from '../dist/index.mjs';
import { emulator, failure } from './helper.mjs';

const service = await emulator({ phones: 1 });
const ids = service.instanceIds;

/** Every kind, as the declarations have them. */
const KINDS = readFileSync(new URL('../ts/generated/model.ts', import.meta.url), 'utf8')
  .match(/ERROR_KINDS = \[([^\]]*)\]/)[1]
  .match(/[a-z_]+/g);

test('is: one kind, some or any, and code is the kind as Node writes it', () => {
  assert.equal(KINDS.length, 15);
  for (const kind of KINDS) {
    const error = new KooPhoneError({ kind, message: 'x' });
    assert.deepEqual(
      KINDS.filter((other) => KooPhoneError.is(error, other)),
      [kind],
    );
    assert.ok(KooPhoneError.is(error) && KooPhoneError.is(error, 'internal', ...KINDS));
    assert.equal(error.code, `ERR_KOOPHONE_${kind.toUpperCase()}`);
    assert.deepEqual([error.serviceCode, error.attempts, error.causes, error.results], [null, 0, [], []]);
  }
  for (const other of [new Error('x'), undefined, null, 'x', { kind: 'timeout' }]) {
    assert.ok(!KooPhoneError.is(other) && !KooPhoneError.is(other, 'timeout'));
  }
});

test('from: an error again, from JSON, from a message and from a worker', async () => {
  const error = await failure(service.client().runCommand(ids, 'ls /nowhere', { check: true }));
  const same = (again) => {
    assert.ok(again instanceof KooPhoneError && again !== error);
    assert.deepEqual(again.toJSON(), error.toJSON());
    assert.ok(KooPhoneError.is(again.results[0].error, 'command_failed'));
    assert.equal(
      again.stack,
      new KooPhoneError(error.toJSON()).stack.split('\n')[0] + again.stack.slice(again.stack.indexOf('\n')),
    );
  };
  same(KooPhoneError.from(JSON.parse(JSON.stringify(error))));
  same(KooPhoneError.from(structuredClone(error.toJSON())));
  assert.equal(KooPhoneError.from(error), error);
  const worker = new Worker("require('koophone').Credentials.token(5)", { eval: true });
  const [thrown] = await once(worker, 'error');
  assert.ok(!(thrown instanceof KooPhoneError));
  const again = KooPhoneError.from(thrown);
  assert.ok(again instanceof KooPhoneError && KooPhoneError.is(again, 'invalid_argument'));
  assert.deepEqual([again.argument, again.stack], ['token', thrown.stack]);
  for (const other of [new Error('x'), null, 5, { kind: 'timeout' }, { kind: 'strange', message: 'x' }]) {
    assert.equal(KooPhoneError.from(other), undefined);
  }
});

test('an error of the service carries everything, in one class', async () => {
  const error = await failure(service.client().getTask('11111111111111111111111111111111'));
  assert.ok(error instanceof KooPhoneError && error instanceof Error);
  assert.equal(error.name, 'KooPhoneError');
  assert.match(error.requestId, /^[0-9a-f]{32}$/);
  assert.ok(error.serverRequestId && error.serviceCode && error.httpStatus >= 200);
  assert.deepEqual([error.attempts, error.retryable, error.lastJobs], [1, false, []]);
  const plain = JSON.parse(JSON.stringify(error));
  assert.equal(plain.kind, error.kind);
  assert.equal(plain.message, error.message);
});

test('the cause is a chain of errors', async () => {
  const gone = await emulator({ phones: 1 });
  const client = gone.client({ maxAttempts: 1 });
  await gone.close();
  const error = await failure(client.queryStatus(ids));
  assert.ok(KooPhoneError.is(error, 'network'));
  assert.ok(error.causes.length > 0);
  assert.ok(error.cause instanceof Error);
  const chain = [];
  for (let cause = error.cause; cause; cause = cause.cause) chain.push(cause.message);
  assert.deepEqual(chain, error.causes);
});

test('the stack names those who wait', async () => {
  async function harness() {
    await service.client().runCommand(['unknown'], 'true');
  }
  assert.match((await failure(harness())).stack, /at async harness/);
});

test('a cut after execution is outcome_unknown, and nothing is repeated', async () => {
  service.addFaults({ operation: 'run_command', action: 'cut', when: 'after_execution' });
  service.clearJournal();
  const [{ error }] = await service.client().runCommand(ids, 'echo once');
  assert.ok(KooPhoneError.is(error, 'outcome_unknown') && error.maybeExecuted);
  assert.equal(service.journal().length, 1);
  service.addFaults({ operation: 'run_command', action: 'cut', when: 'after_execution' });
  const [result] = await service.client().runCommand(ids, 'echo twice', { repeatable: true });
  assert.equal(result.output, 'twice');
  assert.equal(service.journal().length, 3);
});

test('a deadline in which nothing was executed is a timeout', async () => {
  service.addFaults({ operation: 'query_status', action: 'no_response' });
  const error = await failure(service.client().queryStatus(ids, { timeoutMs: 50 }));
  assert.ok(KooPhoneError.is(error, 'timeout'));
});
