import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Emulator, KooPhoneError } from '../dist/index.mjs';
import { emulator, failure } from './helper.mjs';

test('phones, journal, requests, rules, files', async () => {
  const service = await emulator({
    instanceIds: ['phone-a', 'phone-b'],
    files: { '/sdcard/some_file.txt': 'text' },
    properties: { 'ro.my_property': 'x' },
    rules: [{ command: 'am start *', stdout: 'Starting', exitStatus: 0 }],
  });
  assert.deepEqual(service.instanceIds, ['phone-a', 'phone-b']);
  const client = service.client();
  const output = async (command) => (await client.runCommand(['phone-a'], command))[0].output;
  assert.equal(await output('cat /sdcard/some_file.txt'), 'text');
  assert.equal(await output('getprop ro.my_property'), 'x');
  assert.equal(await output('am start -n a/b'), 'Starting');
  service.clearRules();
  service.addRules({ command: 'am start *', stdout: 'Other' });
  assert.equal(await output('am start -n a/b'), 'Other');
  const journal = service.journal('phone-a');
  assert.deepEqual(journal.map(({ command }) => command)[0], 'cat /sdcard/some_file.txt');
  assert.deepEqual([journal[0].kind, journal[0].via, journal[0].exitStatus], ['command', 'sync', 0]);
  assert.deepEqual(service.journal('phone-b'), []);
  const entry = service.requests().at(-1);
  assert.deepEqual([entry.operation, entry.auth, entry.status, entry.instances], ['run_command', 'token', 200, 1]);
  assert.equal(entry.xRequestId, service.journal().at(-1).xRequestId);
  service.clearJournal();
  service.clearRequests();
  assert.deepEqual([service.journal(), service.requests()], [[], []]);
  const phone = service.phone('phone-a');
  assert.ok('/sdcard/some_file.txt' in phone.files);
  assert.equal(service.phone('nobody'), undefined);
});

test('faults are queued, counted down and cleared', async () => {
  const service = await emulator({ phones: 1, faults: [{ operation: 'query_status', action: 'no_permission' }] });
  const client = service.client();
  assert.equal((await failure(client.queryStatus(service.instanceIds))).kind, 'permission_denied');
  service.addFaults({ operation: 'query_status', action: 'throttle', times: 2, retryAfter: 1 }, { action: 'garbage' });
  assert.deepEqual(
    service.pendingFaults().map(({ action, times }) => [action, times]),
    [
      ['throttle', 2],
      ['garbage', 1],
    ],
  );
  service.clearFaults();
  assert.deepEqual(service.pendingFaults(), []);
  await client.queryStatus(service.instanceIds);
});

test('clock, tokens and states', async () => {
  const service = await emulator({ phones: 1, clock: { mode: 'manual' } });
  const now = service.now();
  service.advance(1500);
  assert.equal(service.now(), now + 1500);
  const client = service.client();
  await client.login();
  service.expireTokens();
  assert.equal((await client.queryStatus(service.instanceIds))[0].state, 'running');
  assert.ok(service.setPhoneState(service.instanceIds[0], 5));
  assert.equal((await client.queryStatus(service.instanceIds))[0].state, 'powered_off');
  assert.equal(service.setPhoneState('nobody', 5), false);
});

test('options, faults, rules and times that cannot be used are refused with what would be right', async () => {
  const service = await emulator();
  for (const [work, message] of [
    [() => Emulator.start({ fones: 8 }), /no option "fones"; did you mean phones\?/],
    [() => Emulator.start({ instance_ids: ['a'] }), /did you mean instanceIds\?/],
    [() => Emulator.start({ phones: '8' }), /^phones must be a whole number, 0 or more, not a string$/],
    [() => Emulator.start({ phones: 1.5 }), /^phones must be a whole number, 0 or more, not 1\.5$/],
    [() => Emulator.start({ port: 70_000 }), /^port must be a whole number from 0 to 65535, not 70000$/],
    [
      () => Emulator.start({ clock: { mode: 'manul' } }),
      /^clock\.mode cannot be "manul"; did you mean manual\? Valid values: real, manual$/,
    ],
    // eslint-disable-next-line no-sparse-arrays
    [() => Emulator.start({ instanceIds: [, 'a'] }), /^instanceIds\[0\] must be a string, not undefined$/],
    // eslint-disable-next-line no-sparse-arrays
    [() => Emulator.start({ faults: [, { action: 'garbage' }] }), /^faults\[0\] must be an object, not undefined$/],
    [
      () => service.addFaults({ action: 'garbage', operation: 'run_comand' }),
      /^faults\[0\]\.operation cannot be "run_comand"; did you mean run_command\?/,
    ],
    [() => Emulator.start({ clock: { mod: 'manual' } }), /no field of ClockOptions "mod"; did you mean mode\?/],
    [() => Emulator.start({ rateLimit: { calls: 5 } }), /^rateLimit\.seconds must be a .*number.*, not undefined$/],
    [
      () => Emulator.start({ quirks: ['no_such_quirk'] }),
      /^quirks\[0\] cannot be "no_such_quirk".*Valid values: business_errors_as_200, /,
    ],
    [() => Emulator.start({ address: '192.0.2.1' }), /192\.0\.2\.1/],
    [() => Emulator.start(5), /options must be an object, not 5$/],
    [() => Emulator.start({ rules: [{ comand: 'x' }] }), /no field of Rule "comand"; did you mean command\?/],
    [() => Emulator.start({ faults: [{ action: 'cutt' }] }), /no action "cutt"; did you mean cut\?/],
    [() => service.addFaults({ action: 'explode' }), /no action "explode"\. Valid names: response, .*throttle/],
    [
      () => service.addFaults({ action: 'garbage', tims: 2 }),
      /no field of the fault garbage "tims"; did you mean times\?/,
    ],
    [() => service.addFaults({ action: 'throttle', retryafter: 1 }), /did you mean retryAfter\?/],
    [
      () => service.addFaults({ action: 'garbage' }, { action: 'cut' }),
      /^faults\[1\]\.when must be a string, not undefined$/,
    ],
    [() => service.addFaults('cut'), /^faults\[0\] must be an object, not a string$/],
    [() => service.addRules({ stdout: 'x' }), /^rules\[0\]\.command must be a string, not undefined$/],
    [() => service.advance(-1), /^milliseconds must be a number/],
  ]) {
    const error = await failure(Promise.resolve().then(work));
    assert.ok(KooPhoneError.is(error, 'invalid_argument'), String(error));
    assert.match(error.message, message);
  }
  assert.deepEqual(service.pendingFaults(), []);
});

test('close frees the port, twice does nothing, and Symbol.asyncDispose is close', async () => {
  const service = await Emulator.start({ phones: 1 });
  const port = Number(new URL(service.endpoint).port);
  assert.ok(service.isRunning);
  const client = service.client({ maxAttempts: 1 });
  await service.close();
  await service.close();
  assert.equal(service.isRunning, false);
  assert.ok(KooPhoneError.is(await failure(client.queryStatus(service.instanceIds)), 'network'));
  const again = await Emulator.start({ port });
  await again[Symbol.asyncDispose]();
  assert.equal(again.isRunning, false);
});
