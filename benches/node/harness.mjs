// What the measured programs in JavaScript do around their calls: arguments in, figures out.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const TOKEN = 'a-token';
export const ACCESS_KEY = 'AKEXAMPLE0000000TEST';
export const SECRET_KEY = 'SKEXAMPLEsecretNOTREAL';
export const PROJECT_ID = '0123456789abcdef0123456789abcdef';
export const COMMAND = 'logcat -d';

/** `URL PAYLOAD CALLS IN_FLIGHT [signed]` */
function read() {
  const [url, payloadText, calls, inFlight, ...rest] = process.argv.slice(2);
  const [payload, phones = '32'] = payloadText.split(':');
  const ids = Array.from({ length: Number(phones) }, (_, n) => n.toString(16).padStart(32, '0'));
  const results = payload === 'results';
  return { url, results, ids, calls: Number(calls), inFlight: Number(inFlight), signed: rest.includes('signed') };
}

export const given = read();
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

/** Calls again and again, so many at once, and tells how long each took. */
async function share(call, calls) {
  const walls = [];
  let left = calls;
  const caller = async () => {
    while (left-- > 0) {
      const start = performance.now();
      if ((await call()).length !== given.ids.length) throw new Error('a wrong answer');
      walls.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: given.inFlight }, caller));
  return walls;
}

export async function measure(call) {
  const { calls, inFlight } = given;
  // Calls before the measuring starts: they open connections and fill caches. A single call is measured cold.
  await share(call, calls === 1 ? 0 : Math.max(Math.floor(calls / 10), inFlight));
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const walls = await share(call, calls);
  const { user, system } = process.cpuUsage(cpu);
  const took = performance.now() - start;
  walls.sort((a, b) => a - b);
  // The most memory at a time; maxRSS would remember the parent's.
  const memory = /VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  const figures = {
    cpu_us: user + system,
    wall_us: walls[Math.floor(calls / 2)] * 1000,
    calls_per_s: (calls * 1000) / took,
    rss_kb: Number(memory[1]),
  };
  console.log(JSON.stringify(figures));
}
