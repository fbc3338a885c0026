import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KooPhoneError, Listing } from '../dist/index.mjs';
import { emulator, failure } from './helper.mjs';

const REFUSAL = { operation: 'list_instances', after: 1, action: 'error_code', code: 'KOOPHONE.API.1012' };

async function idsOf(listing, ids = []) {
  for await (const { instanceId } of listing) ids.push(instanceId);
  return ids;
}

test('a list has every phone once, and pages are read when they are needed', async () => {
  const service = await emulator({ phones: 5 });
  const client = service.client();
  const listing = client.listInstances({}, 2);
  assert.ok(listing instanceof Listing);
  assert.equal(service.requests().length, 0);
  for await (const { name } of listing) {
    if (name === 'phone-00003') break;
  }
  assert.equal(listing.pageNo, 3);
  assert.deepEqual(await idsOf(listing), service.instanceIds.slice(3), 'a second loop continues');
  assert.deepEqual(await idsOf(listing), []);
  assert.deepEqual(await idsOf(client.listInstances({ instanceName: 'phone-00002' })), [service.instanceIds[1]]);
  const page = await client.listInstancesPage({}, 2, 2);
  assert.deepEqual([page.items.length, page.totalCount], [2, 5]);
});

test('an error leaves the list where it was', async () => {
  const service = await emulator({ phones: 5, faults: [REFUSAL] });
  const listing = service.client().listInstances({}, 2);
  const ids = [];
  const error = await failure(idsOf(listing, ids));
  assert.ok(KooPhoneError.is(error, 'rejected'));
  assert.deepEqual([ids.length, listing.pageNo], [2, 2]);
  assert.deepEqual(await idsOf(listing, ids), service.instanceIds);
});

test('several who ask at once get an item each', async () => {
  const service = await emulator({ phones: 5 });
  const listing = service.client().listInstances({}, 2);
  const steps = await Promise.all(Array.from({ length: 7 }, () => listing.next()));
  const ids = steps.filter(({ done }) => !done).map(({ value }) => value.instanceId);
  assert.deepEqual(ids.sort(), [...service.instanceIds].sort());
  assert.equal(steps.filter(({ done }) => done).length, 2);
});

test('the reading of a page has the options of a call, and what is wrong is refused', async () => {
  const service = await emulator({ phones: 2 });
  const client = service.client();
  service.addFaults({ operation: 'list_instances', times: 0, action: 'no_response' });
  assert.ok(KooPhoneError.is(await failure(client.listInstances({}, 2, { timeoutMs: 50 }).next()), 'timeout'));
  const stop = new AbortController();
  const reading = client.listInstances({}, 2, { signal: stop.signal }).next();
  stop.abort();
  assert.ok(KooPhoneError.is(await failure(reading), 'cancelled'));
  const error = await failure(client.listInstances({}, 201).next());
  assert.deepEqual([error.kind, error.argument], ['invalid_argument', 'pageSize']);
  assert.throws(() => client.listInstances({ colour: 'red' }), /colour/);
  assert.throws(() => client.listInstances({}, 'many'), /pageSize/);
});
