import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KooPhoneError, Phone, Phones, command } from '../dist/index.mjs';
import { emulator, failure, until } from './helper.mjs';

const GAME = 'com.example.game';
const PACKAGE = `/sdcard/${GAME}.apk`;
const LOST = { operation: 'run_command', action: 'cut', when: 'after_execution' };

/** Two phones with the game's package on them. */
async function phonesOf(options = {}) {
  const service = await emulator({ phones: 2, files: { [PACKAGE]: 'PK' }, ...options });
  const client = service.client({ retryDelayMs: 20 });
  const ids = service.instanceIds;
  return { service, client, ids, phones: client.phones(ids), phone: client.phone(ids[0]) };
}

/** The commands that a phone ran. */
function commands(service, id) {
  const ran = service.journal(id).filter(({ kind }) => kind === 'command');
  return ran.map(({ command }) => command);
}

/** Every verb with arguments that succeed on a phone with the game; those that act are never sent twice. */
const VERBS = {
  reads: {
    getprop: ['ro.product.model'],
    bootId: [],
    windowSize: [],
    rotation: [],
    isScreenOn: [],
    battery: [],
    appCurrent: [],
    listPackages: ['com.example'],
    appInfo: [GAME],
    pidof: [GAME],
  },
  repeats: { appStop: [GAME], appClear: [GAME], wake: [], settingsPut: ['system', 'screen_off_timeout', '600000'] },
  acts: {
    click: [360, 640],
    longClick: [360, 640, 800],
    swipe: [360, 1000, 360, 200, 300],
    drag: [1, 2, 3, 4, 1000],
    keyevent: ['VOLUME_UP'],
    back: [],
    home: [],
    sendKeys: ['player'],
    appStart: [GAME],
    installRemote: [PACKAGE],
    uninstall: [GAME],
  },
};
/** Their behaviour is in waits.test.mjs and files.test.mjs. */
const OTHERS = [
  'clickRatio', 'screencap', 'readFile', 'pull', 'logcatTail',
  'waitForBoot', 'appWait', 'appWaitGone', 'waitProp', 'waitUntil',
];
const ALL = Object.values(VERBS).flatMap(Object.entries);

test('phone and phones have every verb, and making them sends nothing', async () => {
  const { service, phone, phones, ids } = await phonesOf();
  assert.ok(phone instanceof Phone && phones instanceof Phones);
  assert.deepEqual([phone.instanceId, phones.instanceIds], [ids[0], ids]);
  for (const of of [Phone, Phones]) {
    const methods = Object.getOwnPropertyNames(of.prototype).filter((name) => name !== 'constructor');
    assert.deepEqual(methods.sort(), [...ALL.map(([name]) => name), ...OTHERS].sort());
  }
  assert.equal(service.requests().length, 0);
});

test('the reads of one phone give their values', async () => {
  const { phone } = await phonesOf();
  assert.equal(await phone.getprop('ro.product.model'), 'KooPhone');
  assert.equal(await phone.getprop('ro.no.such'), '');
  assert.deepEqual(await phone.windowSize(), { width: 720, height: 1280 });
  assert.deepEqual(await phone.battery(), { level: 100, powered: true });
  assert.equal(await phone.rotation(), 0);
  assert.equal(await phone.isScreenOn(), true);
  assert.equal(await phone.keyevent('SLEEP'), undefined);
  assert.equal(await phone.isScreenOn(), false);
  assert.equal(await phone.installRemote(PACKAGE), undefined);
  assert.deepEqual(await phone.listPackages('com.example'), [GAME]);
  assert.deepEqual(await phone.appInfo(GAME), {
    package: GAME,
    path: `/data/app/${GAME}-1/base.apk`,
    versionCode: 1,
  });
  assert.deepEqual(await phone.pidof(GAME), []);
  await phone.appStart(GAME, '.Main');
  assert.deepEqual(await phone.appCurrent(), { package: GAME, activity: `${GAME}.Main` });
  const [pid, ...others] = await phone.pidof(GAME);
  assert.ok(Number.isInteger(pid) && others.length === 0);
});

test('the verbs of many phones give one plain result per phone, in the order given', async () => {
  const { client, ids } = await phonesOf({ phones: 3 });
  const asked = [ids[2], ids[0], ids[1], ids[0]];
  const models = await client.phones(asked).getprop('ro.product.model');
  const { requestId } = models[0];
  assert.match(requestId, /^[0-9a-f]{32}$/);
  assert.deepEqual(
    models,
    asked.map((instanceId) => {
      return { instanceId, value: 'KooPhone', raw: 'KooPhone', truncated: false, requestId, error: null };
    }),
  );
  const [done] = await client.phones(asked).click(1, 2);
  assert.deepEqual({ ...done, requestId: '' }, {
    instanceId: ids[2],
    raw: '',
    truncated: false,
    requestId: '',
    error: null,
  });
});

test('a list that the caller changes afterwards is another list', async () => {
  const { client, ids } = await phonesOf();
  const mine = [ids[0]];
  const phones = client.phones(mine);
  mine.push(ids[1]);
  assert.deepEqual(
    (await phones.wake()).map(({ instanceId }) => instanceId),
    [ids[0]],
  );
  assert.throws(() => phones.instanceIds.push(ids[1]), TypeError);
});

test('one phone rejects with its own error; many have it in its place, and check throws the first', async () => {
  const { service, client, ids, phones } = await phonesOf();
  await client.phone(ids[1]).installRemote(PACKAGE);
  const error = await failure(client.phone(ids[0]).appInfo(GAME));
  assert.ok(error instanceof KooPhoneError);
  assert.deepEqual([error.kind, error.instanceId, error.maybeExecuted], ['command_failed', ids[0], false]);
  assert.doesNotMatch(error.message, /phones failed/);
  assert.match(error.stack, /verbs\.test\.mjs/);
  const [bad, good] = await phones.appInfo(GAME);
  assert.deepEqual([bad.value, bad.error.kind, bad.error.message], [null, error.kind, error.message]);
  assert.deepEqual([good.value.package, good.error], [GAME, null]);
  const checked = await failure(phones.appInfo(GAME, { check: true }));
  assert.match(checked.message, /^1 of 2 phones failed/);
  assert.deepEqual([checked.results.length, checked.results[1].value.versionCode], [2, 1]);
  const unknown = await failure(client.phone('nowhere').wake());
  assert.ok(KooPhoneError.is(unknown) && !unknown.maybeExecuted, String(unknown));
  service.setPhoneState(ids[0], 1);
  const [off, on] = await phones.getprop('ro.product.model');
  assert.ok(KooPhoneError.is(off.error) && off.value === null && on.value === 'KooPhone');
});

for (const [name, given] of ALL) {
  test(`${name} after a lost response: ${name in VERBS.acts ? 'never sent again' : 'sent again'}`, async () => {
    const { service, client, ids, phones } = await phonesOf();
    await phones.installRemote(PACKAGE, { check: true });
    service.clearJournal();
    service.addFaults(LOST);
    const results = await phones[name](...given);
    const runs = () => ids.map((id) => commands(service, id).length);
    if (!(name in VERBS.acts)) {
      assert.deepEqual([results.every(({ error }) => error === null), runs()], [true, [2, 2]]);
      return;
    }
    for (const { error } of results) {
      assert.deepEqual([error?.kind, error?.maybeExecuted], ['outcome_unknown', true], String(error));
    }
    assert.deepEqual(runs(), [1, 1]);
    service.clearJournal();
    service.addFaults(LOST);
    const error = await failure(client.phone(ids[0])[name](...given));
    assert.deepEqual([error.kind, error.maybeExecuted, runs()], ['outcome_unknown', true, [1, 0]]);
  });
}

test('the word that a repeat does no harm has a click sent again', async () => {
  const { service, phone, ids } = await phonesOf();
  service.addFaults(LOST);
  await phone.click(1, 2, { repeatable: true });
  assert.deepEqual(commands(service, ids[0]), ['input tap 1 2', 'input tap 1 2']);
});

test('durations are numbers of milliseconds, half a second by default', async () => {
  const { service, phone, ids } = await phonesOf();
  await phone.longClick(1, 2);
  await phone.longClick(1, 2, 1);
  await phone.swipe(1, 2, 3, 4, undefined, { timeoutMs: 5000 });
  await phone.drag(1, 2, 3, 4, 20_000, { timeoutMs: 30_000 });
  const ends = commands(service, ids[0]).map((command) => command.split(' ').at(-1));
  assert.deepEqual(ends, ['500', '1', '500', '20000']);
});

test('what is wrong is refused by its name, before anything is sent', async () => {
  const { service, client, ids, phone, phones } = await phonesOf();
  const refused = [
    ['x', (of) => of.click('1', 2), /^x must be a whole number, not a string$/],
    ['y', (of) => of.click(1), /^y must be a whole number, not undefined$/],
    ['x', (of) => of.click(1.5, 2), /^x must be a whole number, not 1\.5$/],
    ['x', (of) => of.click(-1, 2), /x/],
    ['y2', (of) => of.swipe(1, 1, 1, 40_000), /y2/],
    ['durationMs', (of) => of.longClick(1, 2, -5), /^durationMs must be a number of milliseconds, 0 or more, not -5$/],
    ['durationMs', (of) => of.longClick(1, 2, Number.NaN), /^durationMs must be .*, not NaN$/],
    ['durationMs', (of) => of.longClick(1, 2, Infinity), /^durationMs must be .*, not Infinity$/],
    ['durationMs', (of) => of.swipe(1, 2, 3, 4, '1s'), /^durationMs must be .*, not a string$/],
    ['durationMs', (of) => of.drag(1, 2, 3, 4, null), /^durationMs must be .*, not null$/],
    ['durationMs', (of) => of.longClick(1, 2, 0), /^durationMs is .* 1 ms to 20 s$/],
    ['durationMs', (of) => of.longClick(1, 2, 20_001), /^durationMs is .* 1 ms to 20 s$/],
    ['durationMs', (of) => of.longClick(1, 2, 1e300), /^durationMs is .* 1 ms to 20 s$/],
    ['name', (of) => of.getprop('a;reboot'), /name/],
    ['name', (of) => of.getprop(), /^name must be a string, not undefined$/],
    ['package', (of) => of.appStop('com.a b'), /package/],
    ['package', (of) => of.appStop(5), /^package must be a string, not 5$/],
    ['activity', (of) => of.appStart(GAME, 'a/b'), /activity/],
    ['path', (of) => of.installRemote('game.apk'), /path/],
    ['namespace', (of) => of.settingsPut('user', 'a', 'b'), /namespace/],
    ['text', (of) => of.sendKeys('价'), /价/],
    ['text', (of) => of.sendKeys('a\ud83d'), /half of a surrogate pair/],
    ['colour', (of) => of.wake({ colour: 'red' }), /no option "colour"/],
    ['timeoutMs', (of) => of.wake({ timeoutMs: 'soon' }), /timeoutMs/],
  ];
  for (const [argument, work, message] of refused) {
    for (const of of [phone, phones]) {
      const error = await failure(work(of));
      assert.ok(KooPhoneError.is(error, 'invalid_argument'), String(error));
      assert.deepEqual([error.argument, error.maybeExecuted], [argument, false], String(error));
      assert.match(error.message, message);
    }
  }
  assert.match((await failure(phone.wake({ check: true }))).message, /no option "check"/);
  const makes = [
    ['instanceId', () => client.phone(), /^instanceId must be a string, not undefined$/],
    ['instanceId', () => client.phone(ids), /^instanceId must be a string, not an array$/],
    ['instanceIds', () => client.phones(ids[0]), /^instanceIds must be an array, not a string$/],
    ['instanceIds[1]', () => client.phones([ids[0], 5]), /^instanceIds\[1\] must be a string, not 5$/],
  ];
  for (const [argument, make, message] of makes) {
    assert.throws(make, { kind: 'invalid_argument', argument, message });
  }
  assert.equal((await failure(client.phones([]).wake())).argument, 'instanceIds');
  assert.match((await failure(client.phones([ids[0], 'no good']).wake())).message, /phone 2 of the list/);
  assert.deepEqual(service.requests(), []);
});

test('a signal stops a verb, and a deadline too', async () => {
  const { service, phone, phones } = await phonesOf();
  const reason = new Error('mine');
  const early = await failure(phone.click(1, 2, { signal: AbortSignal.abort(reason) }));
  assert.deepEqual([early.kind, early.cause, early.maybeExecuted], ['cancelled', reason, false]);
  for (const of of [phone, phones]) {
    service.clearJournal();
    service.addFaults({ operation: 'run_command', action: 'no_response' });
    const stop = new AbortController();
    const before = service.requests().length;
    const call = of.click(1, 2, { signal: stop.signal });
    call.catch(() => {});
    await until(() => service.requests().slice(before).some(({ operation }) => operation === 'run_command'));
    stop.abort(reason);
    const error = of === phone ? await failure(call) : (await call)[1].error;
    assert.deepEqual([error.kind, error.cause, error.maybeExecuted], ['cancelled', reason, true]);
  }
  service.addFaults({ operation: 'run_command', action: 'no_response' });
  const late = await failure(phone.click(1, 2, { timeoutMs: 100 }));
  assert.ok(KooPhoneError.is(late, 'outcome_unknown', 'timeout') && late.maybeExecuted, String(late));
});

test('a text is typed once, and a half-typed one says how far it got', async () => {
  const { service, phone, ids } = await phonesOf();
  await phone.sendKeys('a b');
  assert.deepEqual(commands(service, ids[0]), ['input text a', 'input keyevent 62', 'input text b']);
  service.addFaults({ ...LOST, after: 1 });
  const error = await failure(phone.sendKeys('a b'));
  assert.equal(error.kind, 'outcome_unknown');
  assert.match(error.message, /1 of 3 characters/);
});

test('a list that was cut is an error', async () => {
  const lines = Array.from({ length: 60 }, (_, number) => `package:com.example.number${number}\n`);
  const { phones } = await phonesOf({ rules: [{ command: 'pm list packages *', stdout: lines.join('') }] });
  const error = await failure(phones.listPackages('com.example', { check: true }));
  assert.equal(error.kind, 'command_failed');
  assert.match(error.message, /a longer part finds fewer/);
  assert.match(error.output, /com\.example\.number0\n/);
});

test('a command that the service may refuse is explained', () => {
  assert.equal(command.whyNot('getprop ro.product.model'), null);
  assert.match(command.whyNot('ls /sdcard | wc'), /'\|' at place 12/);
  assert.notEqual(command.whyNot(''), null);
  assert.throws(() => command.whyNot(7), /text/);
});
