// Has every phone booted, does the game install, start, take a tap and a name and stay alive, and can it be streamed?
// One test per phone and step: a TAP or JUnit report shows which phone failed at which step (`npm run tap`, `npm run
// junit`).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { VideoSettings, type PhoneResult } from 'koophone';

import { openFleet } from './fleet.js';

const GAME = 'com.example.game';

await test('smoke test of the game', async (t) => {
  await using fleet = await openFleet(GAME);
  const { client, ids } = fleet;
  const phones = client.phones(ids);

  /** A step on all phones at once, and a test of each phone's result. */
  const step = <T extends PhoneResult>(name: string, work: () => Promise<T[]>, check?: (result: T) => void) =>
    t.test(name, async (t) => {
      for (const result of await work()) {
        await t.test(`${result.instanceId}`, () => {
          if (result.error) throw result.error;
          check?.(result);
        });
      }
    });

  await step('is running', () => client.queryStatus(ids), ({ state }) => assert.equal(state, 'running'));
  await step('has booted', () => phones.waitForBoot(null, { timeoutMs: 120_000 }));
  await step('installs within two minutes', async () => {
    const task = await client.startCommand(ids, `pm install -r /sdcard/${GAME}.apk`);
    t.diagnostic(`take it up again: npx koophone task wait ${task.save()}`);
    return task.wait({ timeoutMs: 120_000 });
  });
  await step('starts', () => phones.appStart(GAME));
  await step('takes a tap', () => phones.clickRatio(0.5, 0.9));
  await step('takes a name', () => phones.sendKeys('Player 1'));
  await step('is alive', () => phones.pidof(GAME), ({ value }) => assert.equal(value?.length, 1));
  await step('is on the screen', () => phones.appCurrent(), ({ value }) => assert.equal(value?.package, GAME));
  await step('takes its video settings', () => client.setVideoSettings(ids, VideoSettings.default()));
  await t.test('can be streamed', async () => {
    for (const id of ids) assert.ok((await client.getDeviceToken(id)).token, id);
  });
});
