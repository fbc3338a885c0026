import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';

import { androidParameters, Client, Credentials, h5Parameters, KooPhoneError, VideoSettings } from '../dist/index.mjs';
import { emulator, failure, until } from './helper.mjs';

const service = await emulator({ phones: 3 });
const ids = service.instanceIds;
const client = service.client();

test('stats says what the client has done, and a trace goes along with every request', async () => {
  const other = service.client();
  assert.equal(other.stats().calls, 0);
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  await other.queryStatus(ids, { traceparent });
  assert.equal(service.requests().at(-1).traceparent, traceparent);
  const task = await other.startCommand(ids, 'true');
  await task.poll({ traceparent });
  assert.equal(service.requests().at(-1).traceparent, traceparent);
  const error = await failure(other.queryStatus(ids, { traceparent: 'mine' }));
  assert.deepEqual([error.kind, error.argument], ['invalid_argument', 'traceparent']);
  const { calls, attempts, logins, connectionsOpen, errors } = other.stats();
  assert.deepEqual([calls, attempts, logins, errors.invalidArgument], [4, 4, 1, 1]);
  assert.ok(connectionsOpen >= 1);
});

test('runCommand: one plain result per phone, in the order asked', async () => {
  const asked = [ids[2], ids[0], ids[1]];
  const results = await client.runCommand(asked, 'echo hello');
  assert.deepEqual(
    results,
    asked.map((instanceId) => ({
      instanceId,
      state: 'succeeded',
      status: 2,
      output: 'hello',
      outputTruncated: false,
      error: null,
    })),
  );
});

test('runCommand: a failed phone carries an error; check makes it the failure of the call', async () => {
  const [first, second] = await client.runCommand([ids[0], ids[1]], 'ls /nowhere');
  assert.equal(first.state, 'failed');
  assert.ok(first.error instanceof KooPhoneError && second.error instanceof KooPhoneError);
  const error = await failure(client.runCommand([ids[0], ids[1]], 'ls /nowhere', { check: true }));
  assert.ok(error instanceof KooPhoneError);
  assert.match(error.message, /^2 of 2 phones failed/);
  assert.deepEqual([error.instanceId, error.results.length], [ids[0], 2]);
  assert.ok(error.output.length > 0 && error.output === error.results[0].output);
  assert.ok(KooPhoneError.is(error.results[1].error, 'command_failed'));
  const good = await client.runCommand([ids[0]], 'true', { check: true });
  assert.equal(good.length, 1);
});

test('long outputs arrive as they are, with any character, beside short ones', async () => {
  const long = await emulator({
    phones: 32,
    rules: [
      { command: 'x', stdout: `"\\${'汉字😀'.repeat(90)}`, times: 1 },
      { command: 'x', stdout: 'a'.repeat(1000) },
    ],
  });
  const check = (results) => {
    assert.deepEqual(
      results.map(({ instanceId }) => instanceId),
      long.instanceIds,
    );
    // A rule that is used up is another phone's turn: which one does not matter, its output does.
    const outputs = results.map(({ output }) => output);
    assert.equal(outputs.filter((output) => output === 'a'.repeat(1000)).length, 31);
    assert.ok(outputs.some((output) => output.startsWith('"\\汉字😀汉字😀') && output.endsWith('😀')));
  };
  check(await long.client().runCommand(long.instanceIds, 'x'));
  long.clearRules();
  long.addRules(
    { command: 'x', stdout: `"\\${'汉字😀'.repeat(90)}`, times: 1 },
    { command: 'x', stdout: 'a'.repeat(1000) },
  );
  check(await (await long.client().startCommand(long.instanceIds, 'x')).wait());
});

test('queryStatus, setVideoSettings, getDeviceToken, login', async () => {
  const statuses = await client.queryStatus(ids);
  assert.deepEqual(
    statuses.map(({ instanceId, state, status }) => [instanceId, state, status]),
    ids.map((id) => [id, 'running', 2]),
  );
  const video = VideoSettings.default();
  assert.deepEqual(await client.setVideoSettings([ids[0]], video), [{ instanceId: ids[0], error: null }]);
  assert.deepEqual(await client.setVideoSettings([ids[0]], new Set(video)), [{ instanceId: ids[0], error: null }]);
  assert.equal(service.journal(ids[0]).at(-1).kind, 'video_settings');
  const rate = { bitrateKbps: 50, fps: 30 };
  const wrong = await failure(client.setVideoSettings(ids, VideoSettings.uniform(rate, rate, rate)));
  assert.deepEqual([wrong.kind, wrong.argument], ['invalid_argument', 'bitrateKbps']);
  const identity = await client.login();
  assert.deepEqual([identity.method, identity.source, identity.user], ['password', 'environment', 'emulator-user']);
});

test('VideoSettings: all pairs alike, and another for one of them', () => {
  const rate = (bitrateKbps) => ({ bitrateKbps, fps: 60 });
  const video = VideoSettings.uniform(rate(3000), rate(5000), rate(8000));
  assert.equal([...video].length, 6);
  assert.ok([...video].every(({ p540, p1080 }) => p540.bitrateKbps === 3000 && p1080.bitrateKbps === 8000));
  const slow = { network: 'wifi', codec: 'h265', p540: rate(1000), p720: rate(2000), p1080: rate(4000) };
  const other = video.withSetting(slow);
  assert.deepEqual([other.settings.length, other.setting('wifi', 'h265')], [6, slow]);
  assert.equal(video.setting('wifi', 'h265').p1080.bitrateKbps, 8000);
  assert.equal(other.setting('wifi', 'h264').p1080.bitrateKbps, 8000);
  const one = new VideoSettings([slow]);
  assert.equal(one.setting('mobile', 'h264'), undefined);
  assert.equal(one.withSetting({ ...slow, network: 'mobile' }).settings.length, 2);
});

test('getDeviceToken: secrets are there, and are neither printed nor written as JSON', async () => {
  const streaming = await emulator({ phones: 1, quirks: ['ice_servers_present'] });
  const authorization = await streaming.client().getDeviceToken(streaming.instanceIds[0]);
  const { instanceId, token, iceServers } = authorization;
  assert.equal(instanceId, streaming.instanceIds[0]);
  assert.ok(token.length > 8 && iceServers.length > 8);
  const nested = { nested: [authorization] };
  for (const shown of [
    inspect(authorization),
    inspect(nested, { depth: 9 }),
    JSON.stringify(authorization),
    JSON.stringify(nested),
  ]) {
    assert.ok(!shown.includes(token) && !shown.includes(iceServers) && shown.includes('***'), shown);
  }
  assert.equal(JSON.parse(JSON.stringify({ ...authorization })).token, token);
});

test('deviceToken keeps its token, and h5Parameters has the names of the player', async () => {
  const streaming = await emulator({ phones: 1, quirks: ['expired_time_present'] });
  const token = streaming.client().deviceToken(streaming.instanceIds[0]);
  const [authorization, same] = await Promise.all([token.get(), token.get()]);
  assert.equal(authorization.token, same.token);
  assert.match(authorization.expiresAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const parameters = h5Parameters(authorization, 'player-7');
  assert.deepEqual(
    { ...parameters },
    {
      boxid: authorization.deviceId,
      token: authorization.token,
      uuid: 'player-7',
      signaling_url: authorization.signalingUrl,
    },
  );
  for (const shown of [inspect(parameters), JSON.stringify(parameters), inspect(await token.get())]) {
    assert.ok(!shown.includes(authorization.token) && shown.includes('***'), shown);
  }
  const android = androidParameters(authorization, 'player-7');
  assert.deepEqual(
    { ...android },
    {
      launch_key_address: authorization.external.address,
      launch_key_port: authorization.external.port,
      launch_key_token: authorization.token,
      launch_key_userid: 'player-7',
    },
  );
  assert.ok(!inspect(android).includes(authorization.token));
  assert.throws(() => androidParameters(authorization, ''), { kind: 'invalid_argument', argument: 'userid' });
  assert.throws(() => androidParameters({ token: 'a' }), { argument: 'authorization.external' });
  assert.equal(h5Parameters(authorization).uuid.length, 36);
  assert.throws(() => h5Parameters(authorization, ''), { kind: 'invalid_argument', argument: 'uuid' });
});

test('credentials of every kind, and clients with them, print no secret', () => {
  const all = [
    Credentials.token('S3CRET'),
    Credentials.password('user', 'S3CRET', 'account'),
    Credentials.accessKey('key', 'S3CRET', 'S3CRET'),
    Credentials.chain(),
  ];
  assert.deepEqual(
    all.map(({ method }) => method),
    ['token', 'password', 'access_key', 'chain'],
  );
  const withSecret = new Client({ ...service.clientOptions(), credentials: { token: 'S3CRET' } });
  for (const thing of [...all, withSecret]) {
    assert.ok(
      !(inspect(thing, { depth: 9, showHidden: true }) + JSON.stringify(thing) + String(thing)).includes('S3CRET'),
    );
  }
});

test('contradictory credentials are refused by the core, as plain fields and as Credentials', async () => {
  for (const make of [
    () => new Credentials({ token: 't', accessKey: 'a', secretKey: 's' }),
    () => new Client({ credentials: { token: 't', accessKey: 'a', secretKey: 's' }, environment: {} }),
  ]) {
    const error = await failure(Promise.resolve().then(make));
    assert.ok(error instanceof KooPhoneError);
    assert.deepEqual([error.kind, error.argument], ['invalid_argument', 'accessKey']);
  }
});

test('settings: by name, in milliseconds, from the environment', async () => {
  const make = (options) =>
    failure(Promise.resolve().then(() => new Client({ ...service.clientOptions(), ...options })));
  assert.match((await make({ environment: { KOOPHONE_ENDPIONT: 'x' } })).message, /KOOPHONE_ENDPIONT/);
  assert.equal((await make({ environment: { KOOPHONE_CONCURRENCY: '0' } })).kind, 'configuration');
  new Client({ ...service.clientOptions(), timeoutMs: Infinity, attemptTimeoutMs: 1500.5, strictCommands: true });
  const { endpoint, credentials } = service;
  const fromEnvironment = new Client({
    environment: {
      KOOPHONE_ENDPOINT: endpoint,
      KOOPHONE_IAM_ENDPOINT: endpoint,
      KOOPHONE_PROJECT_ID: credentials.projectId,
      HUAWEICLOUD_SDK_AK: credentials.accessKey,
      HUAWEICLOUD_SDK_SK: credentials.secretKey,
    },
  });
  assert.equal((await fromEnvironment.runCommand([ids[0]], 'true'))[0].state, 'succeeded');
});

test('more phones than one request carries are split and joined', async () => {
  const fleet = await emulator({ phones: 70 });
  const results = await fleet.client().runCommand(fleet.instanceIds, 'true');
  assert.deepEqual(
    results.map(({ instanceId }) => instanceId),
    fleet.instanceIds,
  );
  const sizes = fleet
    .requests()
    .filter(({ operation }) => operation === 'run_command')
    .map(({ instances }) => instances);
  assert.deepEqual(
    sizes.sort((a, b) => a - b),
    [6, 32, 32],
  );
});

test('log: lines of one client, without commands and secrets', async () => {
  const lines = [];
  const logging = service.client({ log: (record) => lines.push(record), logLevel: 'debug' });
  await logging.runCommand([ids[0]], 'echo S3CRET');
  // The records arrived before the result, on the same path.
  assert.ok(lines.length > 0);
  assert.ok(lines.every(({ level, message }) => ['warn', 'info', 'debug'].includes(level) && message.length > 0));
  assert.ok(!JSON.stringify(lines).includes('S3CRET') && !JSON.stringify(lines).includes(service.credentials.password));
  const wrong = await failure(Promise.resolve().then(() => service.client({ log: () => {}, logLevel: 'loud' })));
  assert.match(wrong.message, /error, warn, info, debug/);
});

test('log: what a new client has to say is not lost', async () => {
  const lines = [];
  service.client({ environment: { KOOPHONE_SOMETHING_ELSE: 'x' }, log: (record) => lines.push(record) });
  await until(() => lines.length > 0);
  assert.equal(lines[0].level, 'warn');
  assert.match(lines[0].message, /KOOPHONE_SOMETHING_ELSE/);
});

test('a log that is switched on later, louder, and off again', async () => {
  const quiet = service.client();
  await quiet.queryStatus(ids);
  const lines = [];
  quiet.setLog((record) => lines.push(record));
  await quiet.queryStatus(ids);
  const atInfo = lines.length;
  assert.ok(lines.every(({ level }) => level !== 'debug'));
  quiet.setLog((record) => lines.push(record), 'debug');
  await quiet.queryStatus(ids);
  assert.ok(lines.length > atInfo && lines.some(({ level }) => level === 'debug'));
  const before = lines.length;
  quiet.setLog(null);
  await quiet.queryStatus(ids);
  assert.equal(lines.length, before);
  assert.throws(
    () => quiet.setLog(() => {}, 'loud'),
    (error) => KooPhoneError.is(error, 'invalid_argument'),
  );
});

test('many calls of many clients at once', async () => {
  const clients = Array.from({ length: 20 }, () => service.client());
  const calls = clients.flatMap((one) =>
    Array.from({ length: 10 }, (_, n) => one.runCommand([ids[n % 3]], `echo ${n}`)),
  );
  const outputs = (await Promise.all(calls)).map(([result]) => result.output);
  assert.deepEqual(
    outputs,
    clients.flatMap(() => Array.from({ length: 10 }, (_, n) => String(n))),
  );
});
