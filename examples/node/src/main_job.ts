// The main job in Node. Prints one line of JSON per step; `cargo xtask demo` makes a table of them.
//
//   node dist/main_job.js [--read-only] PHONE...
//
// Settings and credentials come from the environment: KOOPHONE_ENDPOINT, KOOPHONE_USERNAME, ...
import { Client, VideoSettings } from 'koophone';

/** Does a step, and counts the phones that succeeded. */
async function step(name: string, job: () => Promise<readonly { readonly error?: unknown }[]>): Promise<void> {
  const start = performance.now();
  const results = await job();
  const ok = results.filter(({ error }) => !error).length;
  console.log(JSON.stringify({ step: name, ok, phones: results.length, ms: Math.round(performance.now() - start) }));
}

const ids = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const client = new Client();

await step('log in', async () => (await client.login(), [{}]));
await step('query status', () => client.queryStatus(ids));
if (!process.argv.includes('--read-only')) {
  await step('set video', () => client.setVideoSettings(ids, VideoSettings.default()));
  await step('run command', () => client.phones(ids).getprop('ro.product.model'));
  await step('start and wait', async () => (await client.startCommand(ids, 'sleep 1')).wait());
  await step('reset and wait', async () => (await client.resetInstances(ids)).wait());
  await step('device token', async () => {
    for (const id of ids) await client.getDeviceToken(id);
    return ids.map(() => ({}));
  });
}
