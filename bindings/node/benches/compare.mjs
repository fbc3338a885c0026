// koophone beside what a user would otherwise pick: undici with JSON.parse, and the vendor's own SDK core. One run, the
// contenders in turn, medians of ROUNDS rounds, everything as a ratio. CPU is that of this process: user and system, all
// threads. Usage: npm ci && node compare.mjs
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import readline from 'node:readline';
import { request, Agent } from 'undici';

const require = createRequire(import.meta.url);
const { Client, Credentials } = require('../dist/index.js');
const { ClientBuilder } = require('@huaweicloud/huaweicloud-sdk-core/ClientBuilder');
const { BasicCredentials } = require('@huaweicloud/huaweicloud-sdk-core');

const ROUNDS = Number(process.env.ROUNDS ?? 9);
const CALLS = Number(process.env.CALLS ?? 400);
const IN_FLIGHT = 64;

const server = spawn(process.execPath, [new URL('server.mjs', import.meta.url).pathname], { stdio: ['pipe', 'pipe', 'inherit'] });
const [line] = await once(readline.createInterface({ input: server.stdout }), 'line');
const { endpoint, instanceIds, credentials } = JSON.parse(line);

const agent = new Agent({ connections: IN_FLIGHT, pipelining: 1 });
const token = await login();
const path = '/v1/instances/sync-command';
const headers = { 'content-type': 'application/json', 'x-auth-token': token };

async function login() {
  const { user, password, accountDomain, projectName } = credentials;
  const identity = { methods: ['password'], password: { user: { name: user, password, domain: { name: accountDomain } } } };
  const body = JSON.stringify({ auth: { identity, scope: { project: { name: projectName } } } });
  const answer = await request(`${endpoint}/v3/auth/tokens`, { method: 'POST', dispatcher: agent, headers: { 'content-type': 'application/json' }, body });
  await answer.body.dump();
  return answer.headers['x-subject-token'];
}

const settings = { endpoint, iamEndpoint: endpoint, region: credentials.region, projectId: credentials.projectId, environment: {} };
const byToken = new Client({ ...settings, credentials: Credentials.token(token) });
const bySignature = new Client({ ...settings, credentials: Credentials.accessKey(credentials.accessKey, credentials.secretKey) });
const sdk = new ClientBuilder((client) => client, 'BasicCredentials')
  .withCredential(new BasicCredentials().withAk(credentials.accessKey).withSk(credentials.secretKey).withProjectId(credentials.projectId))
  .withEndpoint(endpoint)
  .build();

const contenders = {
  koophone: (ids, command) => byToken.runCommand(ids, command),
  undici: async (ids, command) => {
    const body = JSON.stringify({ command, instance_ids: ids });
    const answer = await request(endpoint + path, { method: 'POST', dispatcher: agent, headers, body });
    return JSON.parse(await answer.body.text()).data.cmd_results;
  },
  'koophone, signed': (ids, command) => bySignature.runCommand(ids, command),
  'Huawei SDK core': async (ids, command) => {
    const data = { command, instance_ids: ids };
    const answer = await sdk.sendRequest({ url: path, method: 'POST', contentType: 'application/json', queryParams: {}, pathParams: {}, headers: {}, data });
    return answer.data.cmd_results;
  },
};
const cases = { 'small answer (1 phone)': [instanceIds.slice(0, 1), 'true'], '35 KB answer (32 phones)': [instanceIds, 'long'] };

async function sequential(make, calls) {
  const before = process.cpuUsage();
  for (let n = 0; n < calls; n++) await make();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

async function flood(make, calls) {
  let left = calls;
  const before = [process.hrtime.bigint(), process.cpuUsage()];
  await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (left-- > 0) await make();
  }));
  const { user, system } = process.cpuUsage(before[1]);
  return [calls / (Number(process.hrtime.bigint() - before[0]) / 1e9), (user + system) / calls];
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

for (const [title, [ids, command]] of Object.entries(cases)) {
  const cpu = {}, rate = {}, floodCpu = {};
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, make] of Object.entries(contenders)) {
      const one = () => make(ids, command);
      if ((await one()).length !== ids.length) throw new Error(`${name} gave a wrong answer`);
      const used = await sequential(one, CALLS);
      const [perSecond, floodUsed] = await flood(one, CALLS);
      if (round < 0) continue; // warming up
      (cpu[name] ??= []).push(used);
      (rate[name] ??= []).push(perSecond);
      (floodCpu[name] ??= []).push(floodUsed);
    }
  }
  console.log(`\n${title}: CPU per call one by one; calls/s and CPU per call with ${IN_FLIGHT} in flight`);
  for (const name of Object.keys(contenders)) {
    console.log(`  ${name.padEnd(18)} ${median(cpu[name]).toFixed(0).padStart(6)} µs ${median(rate[name]).toFixed(0).padStart(8)}/s ${median(floodCpu[name]).toFixed(0).padStart(6)} µs`);
  }
  const ratio = (of, a, b) => (median(of[a]) / median(of[b])).toFixed(2);
  console.log(`  CPU one by one: ${ratio(cpu, 'koophone', 'undici')} x undici (0.9 at most), ${ratio(cpu, 'koophone, signed', 'Huawei SDK core')} x Huawei SDK core (0.25 at most)`);
  console.log(`  calls/s in flight: ${ratio(rate, 'koophone', 'undici')} x undici (0.9 at least), ${ratio(rate, 'koophone, signed', 'Huawei SDK core')} x Huawei SDK core`);
}
server.stdin.end();
await agent.close();
