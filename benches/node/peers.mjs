// What clients that know no operations are measured with: what a program would send with them, and make of an answer.
import { randomUUID } from 'node:crypto';
import { COMMAND, TOKEN, given } from './harness.mjs';

export const path = given.results ? '/v1/instances/sync-command' : '/v1/instances/batch-query-status';

/** What is sent; a new object each time, as a program would make it. */
export const body = () => (given.results ? { command: COMMAND, instance_ids: given.ids } : { instance_ids: given.ids });

export const headers = () => ({
  'content-type': 'application/json',
  'x-request-id': randomUUID().replaceAll('-', ''),
  'x-auth-token': TOKEN,
});

/** The results of an answer: plain objects, which is what types describe in TypeScript. */
export function typed(answer) {
  if (answer.error_code !== '0') throw new Error(answer.error_msg);
  return given.results ? answer.data.cmd_results : answer.data.status_results;
}
