import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KooPhoneError } from '../dist/index.mjs';
import { emulator, failure } from './helper.mjs';

const SYSTEM = 'com.android.systemui';
const LEVEL = ['debug.game.level', '3'];
const SOON = { timeoutMs: 300 };

async function phonesOf(settings = {}) {
  const service = await emulator({ phones: 3 });
  const client = service.client(settings);
  const ids = service.instanceIds;
  return { service, client, ids, phones: client.phones(ids), phone: client.phone(ids[0]) };
}

function reachLevel(service, instanceIds) {
  service.addRules({ command: 'getprop debug.game.level', instanceIds, stdout: '3\n' });
}

test('a wait returns its value and the number of calls', async () => {
  const { phone } = await phonesOf();
  assert.deepEqual(await phone.appWait(SYSTEM), { value: [620], calls: 1 });
  assert.deepEqual(await phone.appWaitGone('com.none'), { calls: 1 });
  assert.deepEqual(await phone.waitProp('ro.product.model', 'KooPhone'), { calls: 1 });
  assert.deepEqual(await phone.waitForBoot(), { value: await phone.bootId(), calls: 2 });
});

test('one call polls all phones of a list, and reports progress', async () => {
  const { service, phones, ids } = await phonesOf();
  const seen = [];
  const onProgress = ({ succeeded, running }) => {
    seen.push([succeeded, running]);
    if (running === 2) reachLevel(service, ids);
  };
  reachLevel(service, [ids[0]]);
  const results = await phones.waitProp(...LEVEL, { timeoutMs: 60_000, onProgress, check: true });
  const calls = results.map(({ instanceId, value }) => [instanceId, value.calls]);
  assert.deepEqual(calls, [[ids[0], 1], [ids[1], 2], [ids[2], 2]]);
  assert.deepEqual(seen, [[0, 3], [1, 2], [3, 0]]);
  assert.equal(service.requests().filter(({ operation }) => operation === 'run_command').length, 2);
});

test('a predicate decides from what was printed, at once or later', async () => {
  const { service, phones, phone, ids } = await phonesOf();
  const asked = [];
  const isReached = async (text) => {
    asked.push(text);
    reachLevel(service, ids);
    await null;
    return text === '3';
  };
  const results = await phones.waitUntil(`getprop ${LEVEL[0]}`, isReached);
  assert.deepEqual(results.map(({ value }) => value), ids.map(() => ({ value: '3', calls: 2 })));
  assert.deepEqual(asked, ['', '', '', '3', '3', '3']);
  const { value } = await phone.waitUntil('ls /sdcard', (text) => text.includes('Download'));
  assert.match(value, /Download/);
  const late = await failure(phone.waitUntil('ls /sdcard', () => false, SOON));
  assert.equal(late.kind, 'timeout');
  const undecided = await failure(phone.waitUntil('ls /sdcard', () => new Promise(() => undefined), SOON));
  assert.equal(undecided.kind, 'timeout');
});

test('what a predicate throws ends the wait', async () => {
  const { service, phone, phones } = await phonesOf();
  const thrown = new RangeError('no level');
  const fails = () => { throw thrown; };
  assert.equal(await failure(phones.waitUntil('ls /sdcard', fails)), thrown);
  assert.equal(await failure(phone.waitUntil('ls /sdcard', async () => fails())), thrown);
  for (const unusable of [() => undefined, function* () { yield true; }]) {
    const refused = await failure(phone.waitUntil('ls /sdcard', unusable));
    assert.deepEqual([refused.kind, refused.argument], ['invalid_argument', 'predicate']);
  }
  const later = await failure(phone.waitUntil('ls /sdcard', () => false, { onProgress: async () => fails() }));
  assert.equal(later, thrown);
  service.clearRequests();
  for (const predicate of ['Download', null, undefined]) {
    const refused = await failure(phone.waitUntil('ls /sdcard', predicate));
    assert.deepEqual([refused.kind, refused.argument], ['invalid_argument', 'predicate']);
  }
  assert.deepEqual(service.requests(), []);
});

test('when the time is up, the error has the last output', async () => {
  const { phone, phones } = await phonesOf();
  const late = await failure(phone.waitProp('ro.product.model', 'x', SOON));
  assert.ok(late instanceof KooPhoneError);
  assert.deepEqual([late.kind, late.output, late.attempts, late.maybeExecuted], ['timeout', 'KooPhone', 1, false]);
  for (const { value, error } of await phones.appWait('com.none', SOON)) {
    assert.deepEqual([value, error.kind, error.output], [null, 'timeout', null]);
  }
  const checked = await failure(phones.appWaitGone(SYSTEM, { ...SOON, check: true }));
  assert.deepEqual([checked.kind, checked.results[2].error.output], ['timeout', '620']);
});

test('the boot before never counts', async () => {
  const { client, ids } = await phonesOf();
  const phones = client.phones(ids.slice(0, 2));
  const before = (await phones.bootId()).map(({ value }) => value);
  await client.rebootInstances([ids[0]], { check: true });
  const [now, old] = await phones.waitForBoot(before, { timeoutMs: 3000 });
  assert.notEqual(now.value.value, before[0]);
  assert.deepEqual([old.error.kind, old.error.output, old.raw], ['timeout', before[1], before[1]]);
  assert.equal((await client.phone(ids[0]).waitForBoot(before[0])).value, now.value.value);
});

test('a lost response does not end the wait, a refusal does', async () => {
  const { service, phone } = await phonesOf({ maxAttempts: 1 });
  service.addFaults({ operation: 'run_command', action: 'cut', when: 'after_execution' });
  assert.deepEqual(await phone.waitProp('ro.product.model', 'KooPhone'), { calls: 2 });
  service.addFaults({ operation: 'run_command', action: 'no_permission', times: 0 });
  assert.equal((await failure(phone.appWait(SYSTEM))).kind, 'permission_denied');
});

test('a signal ends a wait, and so does what its callback throws', async () => {
  const { phone, phones } = await phonesOf();
  const reason = new Error('mine');
  const stop = new AbortController();
  const onProgress = () => stop.abort(reason);
  for (const { error } of await phones.appWait('com.none', { signal: stop.signal, onProgress })) {
    assert.deepEqual([error.kind, error.cause], ['cancelled', reason]);
  }
  const early = await failure(phone.appWait('com.none', { signal: AbortSignal.abort(reason) }));
  assert.deepEqual([early.kind, early.cause], ['cancelled', reason]);
  const thrown = await failure(phone.appWait('com.none', { onProgress: () => { throw reason; } }));
  assert.equal(thrown, reason);
});

test('what is wrong is refused by its name, before anything is sent', async () => {
  const { service, phone, phones } = await phonesOf();
  const refused = [
    ['package', (of) => of.appWait(5), /^package must be a string, not 5$/],
    ['package', (of) => of.appWaitGone('a:b'), /it must be a package/],
    ['name', (of) => of.waitProp('a;b', '1'), /name/],
    ['value', (of) => of.waitProp('a'), /^value must be a string, not undefined$/],
    ['before', (of) => of.waitForBoot(7), /^before must be a string, an array of strings, or null, not 7$/],
    ['before[1]', (of) => of.waitForBoot(['1', null]), /^before\[1\] must be a string, not null$/],
    ['before', (of) => of.waitForBoot([]), /^before has 0 boot ids/],
    ['before', (of) => of.waitForBoot(['1', '2']), /not one for each phone/],
    ['onProgress', (of) => of.appWait(SYSTEM, { onProgress: 7 }), /^onProgress must be a function, not 7$/],
    ['timeoutMs', (of) => of.appWait(SYSTEM, { timeoutMs: -1 }), /timeoutMs/],
  ];
  for (const [argument, work, message] of refused) {
    for (const of of [phone, phones]) {
      const error = await failure(work(of));
      assert.deepEqual([error.kind, error.argument, error.maybeExecuted], ['invalid_argument', argument, false]);
      assert.match(error.message, message);
    }
  }
  assert.match((await failure(phone.appWait(SYSTEM, { check: true }))).message, /no option "check"/);
  assert.deepEqual(service.requests(), []);
});
