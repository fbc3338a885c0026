// undici.request and JSON.parse.
import { Agent, request } from 'undici';
import { given, measure } from './harness.mjs';
import { body, headers, path, typed } from './peers.mjs';

const dispatcher = new Agent({ connections: given.inFlight });

await measure(async () => {
  const options = { method: 'POST', dispatcher, headers: headers(), body: JSON.stringify(body()) };
  const response = await request(given.url + path, options);
  if (response.statusCode !== 200) throw new Error(String(response.statusCode));
  return typed(JSON.parse(await response.body.text()));
});
await dispatcher.close();
