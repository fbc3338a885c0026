// Node's built-in fetch.
import { given, measure } from './harness.mjs';
import { body, headers, path, typed } from './peers.mjs';

await measure(async () => {
  const response = await fetch(given.url + path, { method: 'POST', headers: headers(), body: JSON.stringify(body()) });
  if (!response.ok) throw new Error(String(response.status));
  return typed(await response.json());
});
