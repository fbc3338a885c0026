// What the measured JavaScript programs have in common: reading arguments, measuring and reporting.
import { readFileSync } from 'node:fs';

export const ACCESS_KEY = 'AKEXAMPLE0000000TEST';
export const SECRET_KEY = 'SKEXAMPLEsecretNOTREAL';
export const PROJECT_ID = '0123456789abcdef0123456789abcdef';
export const TOKEN = 'a-token';
export const COMMAND = 'logcat -d';

/** `URL PAYLOAD CALLS IN_FLIGHT WARM_UP [signed]` */
function read() {
  const [url, payloadText, calls, inFlight, warmUp, ...rest] = process.argv.slice(2);
  const [payload, count] = payloadText.split(':');
  const phones = payload === 'fleet' ? Number(count) : 32;
  return {
    url,
    results: payload === 'results',
    ids: Array.from({ length: phones }, (_, n) => n.toString(16).padStart(32, '0')),
    // Clients to create; 0 if calls are measured.
    clients: payload === 'clients' ? Number(count) : 0,
    calls: Number(calls),
    inFlight: Number(inFlight),
    // Calls before measuring, which open connections and fill caches.
    warmUp: Number(warmUp),
    signed: rest.includes('signed'),
  };
}

export const given = read();

/** Makes calls, `inFlight` at once, and returns how long each took. */
async function share(call, calls) {
  const walls = [];
  let left = calls;
  const caller = async () => {
    while (left-- > 0) {
      const start = performance.now();
      if ((await call()).length !== given.ids.length) throw new Error('a wrong number of results');
      walls.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: given.inFlight }, caller));
  return walls;
}

export async function measure(call) {
  await share(call, given.warmUp);
  const start = moment();
  const walls = await share(call, given.calls);
  report(start, moment(), walls);
}

/** Measures creating clients. Each client then makes one call if calls are requested; that counts for memory only. */
export async function measureMaking(make, call) {
  const start = moment();
  const clients = Array.from({ length: given.clients }, make);
  const end = moment();
  for (const client of given.calls > 0 ? clients : []) await call(client);
  report(start, end, [end.at - start.at]);
}

function moment() {
  const { user, system } = process.cpuUsage();
  return { at: performance.now(), cpu: user + system };
}

function report(start, end, walls) {
  walls.sort((a, b) => a - b);
  // Peak memory; maxRSS would include the parent's.
  const memory = /VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  const figures = {
    cpu_us: end.cpu - start.cpu,
    wall_us: walls[Math.floor(walls.length / 2)] * 1000,
    calls_per_s: (walls.length * 1000) / (end.at - start.at),
    rss_kb: Number(memory[1]),
  };
  console.log(JSON.stringify(figures));
}
