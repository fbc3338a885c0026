// The baseline for Node: what V8 takes to parse such a list from JSON in memory, without client or server.
import { given, measure } from './harness.mjs';

const list = given.ids.map((instanceId) => ({ instanceId, state: 'running', status: 2, error: null }));
const json = Buffer.from(JSON.stringify(list));

await measure(async () => {
  // One turn of the event loop, as in a call, so that V8 can collect garbage in between.
  await new Promise(setImmediate);
  return JSON.parse(json.latin1Slice());
});
