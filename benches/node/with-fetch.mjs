// The fetch that comes with Node.
import { given, measure } from './harness.mjs';
import { body, headers, path, typed } from './peers.mjs';

await measure(async () => {
  const answer = await fetch(given.url + path, { method: 'POST', headers: headers(), body: JSON.stringify(body()) });
  if (!answer.ok) throw new Error(String(answer.status));
  return typed(await answer.json());
});
