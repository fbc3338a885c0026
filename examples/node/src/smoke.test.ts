// The smoke test: is every phone up, does the game install, start and stay alive, and can its stream be opened? One
// test per phone and step, so that a TAP or JUnit report says which phone failed at what: `npm run tap`, `npm run
// junit`.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KooPhoneError, VideoSettings, type CommandResult } from 'koophone';

import { openFleet } from './fleet.js';

await test('smoke test of the game', async (t) => {
  await using fleet = await openFleet();
  const { client, phones } = fleet;

  /** A command on all phones in one request, and a test per phone of what it printed. */
  async function eachPhone(step: string, command: string, check: (result: CommandResult) => void): Promise<void> {
    await t.test(step, async (t) => {
      for (const result of await client.runCommand(phones, command, { timeoutMs: 30_000 })) {
        await t.test(result.instanceId, () => {
          if (result.error) throw result.error;
          check(result);
        });
      }
    });
  }

  await t.test('all phones are running', async () => {
    const statuses = await client.queryStatus(phones);
    assert.deepEqual(
      statuses.map(({ state }) => state),
      phones.map(() => 'running'),
    );
  });

  await t.test('the game installs everywhere within two minutes', async (t) => {
    const task = await client.startCommand(phones, 'pm install -r /sdcard/Download/game.apk');
    try {
      const results = await task.wait({
        timeoutMs: 120_000,
        check: true,
        onProgress: ({ succeeded, failed, total }) =>
          t.diagnostic(`${succeeded} of ${total} installed, ${failed} failed`),
      });
      assert.ok(results.every(({ output }) => output.includes('Success')));
    } catch (error) {
      // The task goes on: this command takes it up again.
      if (KooPhoneError.is(error, 'timeout')) t.diagnostic(`npx koophone task wait ${task.save()}`);
      throw error;
    }
  });

  await eachPhone('the game starts', 'am start -W -n com.example.game/.Main', ({ output }) => {
    assert.match(output, /Status: ok/);
  });
  await eachPhone('a tap is accepted', 'input tap 360 640', ({ state }) => {
    assert.equal(state, 'succeeded');
  });
  await eachPhone('the game is alive', 'pidof com.example.game', ({ output }) => {
    assert.match(output, /^\d+$/);
  });

  await t.test('the stream takes its settings', async () => {
    const rate = (bitrateKbps: number) => ({ bitrateKbps, fps: 30 });
    const video = VideoSettings.uniform(rate(3000), rate(5000), rate(8000));
    await client.setVideoSettings(phones, video, { check: true });
  });

  await t.test('the stream of every phone can be opened', async (t) => {
    for (const phone of phones) {
      await t.test(phone, async () => {
        const { token, external } = await client.getDeviceToken(phone);
        assert.ok(token && (external.address ?? external.addressAdn));
      });
    }
  });
});
