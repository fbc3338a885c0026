// For generic HTTP clients: the requests a program would send with them, and the results it would read.
import { randomUUID } from 'node:crypto';
import { COMMAND, TOKEN, given } from './harness.mjs';

export const path = given.results ? '/v1/instances/sync-command' : '/v1/instances/batch-query-status';

/** The request body; a new object each time, as in a real program. */
export const body = () => (given.results ? { command: COMMAND, instance_ids: given.ids } : { instance_ids: given.ids });

export const headers = () => ({
  'content-type': 'application/json',
  'x-request-id': randomUUID().replaceAll('-', ''),
  'x-auth-token': TOKEN,
});

/** The results in a response, as plain objects, which is what TypeScript types describe. */
export function typed(response) {
  if (response.error_code !== '0') throw new Error(response.error_msg);
  return given.results ? response.data.cmd_results : response.data.status_results;
}
