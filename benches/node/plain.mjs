// The baseline for Node: what V8 needs to parse such a list from JSON in memory, without a client or a server.
import { given, measure } from './harness.mjs';

const list = given.ids.map((instanceId) => ({ instanceId, state: 'running', status: 2, error: null }));
const json = Buffer.from(JSON.stringify(list));

await measure(async () => {
  // A turn of the event loop, as a call takes: V8 cleans up in between.
  await new Promise(setImmediate);
  return JSON.parse(json.latin1Slice());
});
