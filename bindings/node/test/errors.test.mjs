import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as koophone from '../dist/index.mjs';
import { emulator, failure } from './helper.mjs';

const { KooPhoneError } = koophone;
const service = await emulator({ phones: 1 });
const ids = service.instanceIds;

const GUARDS = Object.entries(koophone).filter(([name]) => /^is[A-Z]/.test(name));

test('each kind has a guard, which is true for it alone', () => {
  const kinds = GUARDS.map(([name]) => name.slice(2).replace(/(?!^)[A-Z]/g, '_$&').toLowerCase());
  assert.equal(kinds.length, 14);
  for (const kind of kinds) {
    const error = new KooPhoneError({ kind, message: 'x' });
    const said = GUARDS.filter(([, guard]) => guard(error)).map(([name]) => name);
    assert.equal(said.length, 1, kind);
  }
  assert.ok(GUARDS.every(([, guard]) => !guard(new Error('x')) && !guard(undefined)));
});

test('an error of the service carries everything, in one class', async () => {
  const error = await failure(service.client().getTask('11111111111111111111111111111111'));
  assert.ok(error instanceof KooPhoneError && error instanceof Error);
  assert.equal(error.name, 'KooPhoneError');
  assert.ok(GUARDS.some(([, guard]) => guard(error)));
  assert.match(error.requestId, /^[0-9a-f]{32}$/);
  assert.ok(error.serverRequestId && error.code && error.httpStatus >= 200);
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
  assert.ok(koophone.isNetwork(error));
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
  const error = await failure(service.client().runCommand(ids, 'echo once'));
  assert.ok(koophone.isOutcomeUnknown(error));
  assert.equal(service.journal().length, 1);
  service.addFaults({ operation: 'run_command', action: 'cut', when: 'after_execution' });
  const [result] = await service.client().runCommand(ids, 'echo twice', { repeatable: true });
  assert.equal(result.output, 'twice');
  assert.equal(service.journal().length, 3);
});

test('a deadline in which nothing was executed is a timeout', async () => {
  service.addFaults({ operation: 'query_status', action: 'silence' });
  const error = await failure(service.client().queryStatus(ids, { timeoutMs: 50 }));
  assert.ok(koophone.isTimeout(error));
});
