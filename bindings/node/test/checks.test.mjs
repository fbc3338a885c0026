// What callers pass is checked before anything is sent, and refused in JavaScript's words.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client, Credentials, Emulator, KooPhoneError, VideoSettings } from '../dist/index.mjs';
import { emulator, failure } from './helper.mjs';

const service = await emulator({ phones: 1 });
const ids = service.instanceIds;
const client = service.client();
await client.login();
const task = await client.startCommand(ids, 'true');
const controller = new AbortController();
const RATE = { bitrateKbps: 5000, fps: 30 };
const SETTING = { network: 'wifi', codec: 'h265', p540: RATE, p720: RATE, p1080: RATE };

/** Every method that takes options, called with them. */
const METHODS = {
  runCommand: (options) => client.runCommand(ids, 'true', options),
  startCommand: (options) => client.startCommand(ids, 'true', options),
  getTask: (options) => client.getTask(task.taskIds[0], options),
  setVideoSettings: (options) => client.setVideoSettings(ids, VideoSettings.default(), options),
  queryStatus: (options) => client.queryStatus(ids, options),
  resetInstances: (options) => client.resetInstances(ids, options),
  getDeviceToken: (options) => client.getDeviceToken(ids[0], options),
  login: (options) => client.login(options),
  poll: (options) => task.poll(options),
  wait: (options) => task.wait(options),
  progress: async (options) => task.progress(options).next(),
};

async function refusal(work) {
  const before = service.requests().length;
  const error = await failure(Promise.resolve().then(work));
  assert.ok(KooPhoneError.is(error, 'invalid_argument'), String(error));
  assert.equal(service.requests().length, before, 'something was sent');
  assert.deepEqual([error.attempts, error.maybeExecuted], [0, false]);
  return error;
}

for (const [name, method] of Object.entries(METHODS)) {
  test(`${name}: options of a wrong kind or name are refused, and nothing is sent`, async () => {
    assert.match(
      (await refusal(() => method({ signal: controller }))).message,
      /^signal must be an AbortSignal, such as controller\.signal, not an instance of AbortController$/,
    );
    assert.match(
      (await refusal(() => method({ timeout: '30s' }))).message,
      /no option "timeout"; did you mean timeoutMs\?/,
    );
    assert.match((await refusal(() => method({ repeatible: true }))).message, /did you mean repeatable\?/);
    assert.match(
      (await refusal(() => method({ repeatable: 'no' }))).message,
      /repeatable must be true or false, not a string/,
    );
    for (const timeoutMs of [-1, Number.NaN, '5', new Date()])
      assert.equal((await refusal(() => method({ timeoutMs }))).argument, 'timeoutMs');
    for (const wrong of ['soon', 5, [], new Map([['timeoutMs', 5]]), controller, controller.signal])
      await refusal(() => method(wrong));
  });
}

test('options that are undefined or null are not given', async () => {
  const nothing = { signal: undefined, timeoutMs: null, repeatable: undefined, check: null, onProgress: undefined };
  assert.equal((await client.runCommand(ids, 'true', null)).length, 1);
  assert.equal((await task.wait(nothing)).length, 1);
  assert.ok(service.client({ log: null, logLevel: null, credentials: undefined, region: null }));
  assert.equal((await client.runCommand(ids, 'true', { timeoutMs: Infinity })).length, 1);
});

test('an option of another method is refused too', async () => {
  await refusal(() => client.login({ check: true }));
  await refusal(() => client.runCommand(ids, 'true', { onProgress: () => {} }));
  assert.match((await refusal(() => task.wait({ onProgress: 5 }))).message, /onProgress must be a function, not 5/);
});

const HALF = 'a\ud83d';

test('half of a surrogate pair is refused wherever text goes down', async () => {
  for (const work of [
    () => client.runCommand(ids, `echo ${HALF}`),
    () => client.startCommand(ids, `echo ${HALF}`),
    () => client.runCommand([HALF], 'true'),
    () => client.queryStatus([ids[0], HALF]),
    () => client.getTask(HALF),
    () => client.getDeviceToken(HALF),
    () => client.resumeTask(HALF),
    () => new Client({ userAgent: HALF }),
    () => new Client({ environment: { KOOPHONE_USERNAME: HALF } }),
    () => Credentials.token(HALF),
    () => Emulator.start({ user: HALF }),
    () => service.addRules({ command: HALF }),
    () => service.addFaults({ action: 'redirect', location: HALF }),
    () => service.journal(HALF),
    () => service.phone(HALF),
  ]) {
    assert.match((await refusal(work)).message, /half of a surrogate pair/, String(work));
  }
  const tolerant = await emulator({ phones: 1, quirks: ['any_character'] });
  await tolerant.client().runCommand(tolerant.instanceIds, 'echo 😀');
  assert.equal(tolerant.journal()[0].command, 'echo 😀');
});

test('arguments of a wrong type are refused in the words of JavaScript', async () => {
  for (const [work, message] of [
    [() => client.runCommand(ids[0], 'true'), 'instanceIds must be an array, not a string'],
    [() => client.runCommand([ids[0], 5], 'true'), 'instanceIds[1] must be a string, not 5'],
    [() => client.runCommand(ids), 'command must be a string, not undefined'],
    [() => client.getTask(null), 'taskId must be a string, not null'],
    [() => client.resumeTask({}), 'saved must be a string, not an object'],
    [
      () => client.setVideoSettings(ids, [{ ...SETTING, p540: { bitrateKbps: '5', fps: 30 } }]),
      'videoSettings[0].p540.bitrateKbps must be a whole number from 0 to 4294967295, not a string',
    ],
    [
      () => client.setVideoSettings(ids, [{ network: 'wifi' }]),
      'videoSettings[0].codec must be a string, not undefined',
    ],
    [
      () => client.setVideoSettings(ids, [{ ...SETTING, network: 'wify' }]),
      'videoSettings[0].network cannot be "wify"; did you mean wifi? Valid values: mobile, wifi, wired',
    ],
    [
      () => client.setVideoSettings(ids, [{ ...SETTING, kodec: 'h264' }]),
      'there is no field of VideoSetting "kodec"; did you mean codec? Valid names: network, codec, p540, p720, p1080',
    ],
    [
      () => client.setVideoSettings(ids, 'all'),
      'videoSettings must be an array of VideoSetting, or another iterable, not a string',
    ],
    // eslint-disable-next-line no-sparse-arrays
    [() => client.setVideoSettings(ids, [, SETTING]), 'videoSettings[0] must be an object, not undefined'],
    // eslint-disable-next-line no-sparse-arrays
    [() => client.queryStatus([ids[0], , ids[0]]), 'instanceIds[1] must be a string, not undefined'],
    [() => VideoSettings.uniform(RATE, RATE), 'p1080 must be an object, not undefined'],
    [() => new VideoSettings(5), 'settings must be an array of VideoSetting, or another iterable, not 5'],
    [
      () => VideoSettings.default().withSetting({ ...SETTING, p720: { fps: 30 } }),
      'setting.p720.bitrateKbps must be a whole number from 0 to 4294967295, not undefined',
    ],
    [
      () => new Client({ logLevel: 'loud' }),
      'logLevel cannot be "loud". Valid values: error, warn, info, debug',
    ],
    [() => new Client({ batchSize: '8' }), 'batchSize must be a number, not a string'],
    [() => new Client({ credentials: 'token' }), 'credentials must be an object, not a string'],
    [() => new Client({ log: 'info' }), 'log must be a function, not a string'],
    [() => new Client({ environment: new Map() }), 'environment must be an object, not an instance of Map'],
    [
      () => Emulator.start({ files: new Map() }),
      'files must be an object whose values are strings, not an instance of Map',
    ],
    [() => new Client({ environment: { A: 5 } }), 'environment.A must be a string, not 5'],
    [
      () => new Client({ attemptTimeoutMs: Infinity }),
      'attemptTimeoutMs must be a number of milliseconds, 0 or more, not Infinity',
    ],
    [() => new Credentials({ token: 5 }), 'token must be a string, not 5'],
    [() => service.advance('1'), 'milliseconds must be a number of milliseconds, 0 or more, not a string'],
    [() => service.setPhoneState(ids[0], 'on'), 'state must be a whole number, not a string'],
  ]) {
    assert.equal((await refusal(work)).message, message);
  }
});

test('the core refuses values by the names that they have in JavaScript', async () => {
  const make = (options) => () => new Client({ ...service.clientOptions(), ...options });
  const large = await refusal(make({ batchSize: 1000 }));
  assert.deepEqual(
    [large.argument, large.message.includes('setting batchSize cannot be "1000"')],
    ['batchSize', true],
    large.message,
  );
  const short = await refusal(make({ timeoutMs: 0 }));
  assert.deepEqual(
    [short.argument, short.message.includes('setting timeoutMs cannot be "0ms"')],
    ['timeoutMs', true],
    short.message,
  );
  assert.match((await refusal(make({ userName: 'x' }))).message, /no option "userName"/);
  assert.match(
    (await refusal(() => new Credentials({ user: 'x' }))).message,
    /no credential field "user"\. Valid names: token, username/,
  );
  assert.match((await refusal(() => client.runCommand([], 'true'))).argument, /^instanceIds$/);
  const odd = VideoSettings.uniform({ bitrateKbps: 50, fps: 30 }, RATE, RATE);
  assert.equal((await refusal(() => client.setVideoSettings(ids, odd))).argument, 'bitrateKbps');
  const pair = await refusal(() => new Credentials({ accessKey: 'a' }));
  assert.ok(!/access_key|secret_key/.test(pair.message) && pair.message.includes('secretKey'), pair.message);
});
