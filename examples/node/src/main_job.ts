// The main job in Node: log in, query status, set video, run a command, start one and follow it, reset, get device
// tokens. Prints one line of JSON per step, which `cargo xtask demo` makes a table of.
//
//   node dist/main_job.js [--read-only] PHONE...
//
// Settings and credentials come from the environment: KOOPHONE_ENDPOINT, KOOPHONE_USERNAME, ...

import { Client, VideoSettings, type Task } from 'koophone';

/** Phones that did well, and phones asked. */
type Counts = readonly [ok: number, phones: number];

const counted = (results: readonly { readonly error: unknown }[]): Counts => [
  results.filter((result) => result.error === null).length,
  results.length,
];

async function step(name: string, job: () => Promise<Counts>): Promise<void> {
  const start = performance.now();
  const [ok, phones] = await job();
  const ms = Number((performance.now() - start).toFixed(1));
  console.log(JSON.stringify({ step: name, ok, phones, ms }));
}

async function follow(task: Task): Promise<Counts> {
  const jobs = await task.wait({
    onProgress: ({ succeeded, failed, total }) => {
      if (process.stderr.isTTY) process.stderr.write(`${succeeded + failed} of ${total}\r`);
    },
  });
  return counted(jobs);
}

const readOnly = process.argv.includes('--read-only');
const phones = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const client = new Client();

await step('log in', async () => (await client.login(), [1, 1]));
await step('query status', async () => counted(await client.queryStatus(phones)));
if (!readOnly) {
  await step('set video', async () => counted(await client.setVideoSettings(phones, VideoSettings.default())));
  await step('run command', async () => counted(await client.runCommand(phones, 'getprop ro.product.model')));
  await step('start and wait', async () => follow(await client.startCommand(phones, 'sleep 1')));
  await step('reset and wait', async () => follow(await client.resetInstances(phones)));
  await step('device token', async () => {
    for (const phone of phones) await client.getDeviceToken(phone);
    return [phones.length, phones.length];
  });
}
