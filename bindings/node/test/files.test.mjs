import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { KooPhoneError } from '../dist/index.mjs';
import { emulator, failure } from './helper.mjs';

const LOG = '/sdcard/game.log';
const TEXT = 'level 3\n'.repeat(100);

/** Two phones with a file of 800 bytes. */
async function phonesOf() {
  const service = await emulator({ phones: 2, files: { [LOG]: TEXT } });
  const client = service.client();
  const ids = service.instanceIds;
  return { service, ids, phones: client.phones(ids), phone: client.phone(ids[0]) };
}

function folder() {
  const made = mkdtempSync(path.join(tmpdir(), 'koophone-'));
  after(() => rmSync(made, { recursive: true }));
  return made;
}

test('the bytes of a file are a Uint8Array, for one phone and for each of many', async () => {
  const { phone, phones } = await phonesOf();
  const { bytes, sha256, calls } = await phone.readFile(LOG);
  assert.ok(bytes instanceof Uint8Array);
  assert.equal(Buffer.from(bytes).toString(), TEXT);
  assert.match(sha256, /^[0-9a-f]{64}$/);
  assert.equal(calls, 4);
  for (const { value } of await phones.readFile(LOG)) {
    assert.equal(Buffer.from(value.bytes).toString(), TEXT);
  }
  assert.match(await phone.screencap('/sdcard/screen.png'), /^[0-9a-f]{64}$/);
});

test('the results that an error holds have bytes too', async () => {
  const { service, ids, phones } = await phonesOf();
  service.setPhoneState(ids[0], 1);
  const error = await failure(phones.readFile(LOG, 20, { check: true }));
  assert.ok(KooPhoneError.is(error), String(error));
  const [off, on] = error.results;
  assert.deepEqual([off.value, Buffer.from(on.value.bytes).toString()], [null, TEXT]);
});

test('a file is copied, and the number of calls is known first', async () => {
  const { phone, phones, ids } = await phonesOf();
  const here = folder();
  const { local, size } = await phone.pull(LOG, path.join(here, 'one.log'));
  assert.deepEqual([readFileSync(local, 'utf8'), size], [TEXT, 800]);
  const results = await phones.pull(LOG, here);
  assert.deepEqual(results.map(({ value }) => path.basename(value.local)), ids.map((id) => `${id}-game.log`));
  const error = await failure(phone.readFile(LOG, 1));
  assert.deepEqual([error.kind, error.argument], ['invalid_argument', 'maxCalls']);
  assert.match(error.message, /pass a maxCalls of 2 or more/);
});

test('the pages of a file are reported', async () => {
  const { phone, phones } = await phonesOf();
  const seen = [];
  const onProgress = ({ succeeded, running, failed, total }) => seen.push([succeeded, running, failed, total]);
  await phone.readFile(LOG, 20, { onProgress });
  assert.deepEqual(seen.at(-1), [2, 0, 0, 2]);
  await phones.readFile(LOG, 20, { onProgress, check: true });
  assert.deepEqual(seen.at(-1), [4, 0, 0, 4]);
  const thrown = new RangeError('enough');
  const fails = () => { throw thrown; };
  assert.equal(await failure(phones.logcatTail(1, 20, { onProgress: fails })), thrown);
});

test('the end of the log is a list of lines, and a fraction of the screen is touched', async () => {
  const { service, phone, ids } = await phonesOf();
  const { lines } = await phone.logcatTail(1);
  assert.equal(lines.length, 1);
  await phone.clickRatio(0.5, 1);
  assert.equal(service.journal(ids[0]).at(-1).command, 'input tap 360 1279');
});

test('wrong arguments are refused by their names, before anything is sent', async () => {
  const { service, phone, phones } = await phonesOf();
  const refused = [
    ['x', () => phone.clickRatio(1.5, 0), /x is 1\.5; it must be a fraction/],
    ['y', () => phone.clickRatio(0, Number.NaN), /y must be a number, not NaN/],
    ['x', () => phone.clickRatio('0.5', 0), /x must be a number, not a string/],
    ['path', () => phone.readFile('a b'), /path/],
    ['maxCalls', () => phone.readFile(LOG, 0), /maxCalls is 0; it must be 1 or more/],
    ['maxCalls', () => phone.readFile(LOG, 1.5), /maxCalls must be a whole number/],
    ['local', () => phones.pull(LOG, path.join(folder(), 'one.log')), /is not a directory; create one/],
    ['local', () => phone.pull(LOG, path.join(folder(), 'none', 'one.log')), /does not exist/],
    ['lines', () => phone.logcatTail(0), /lines/],
  ];
  for (const [argument, work, message] of refused) {
    const error = await failure(work());
    assert.deepEqual([error.kind, error.argument], ['invalid_argument', argument], String(error));
    assert.match(error.message, message);
  }
  assert.deepEqual(service.requests(), []);
});
