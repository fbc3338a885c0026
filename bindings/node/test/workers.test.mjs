import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { emulator, run, until } from './helper.mjs';

const service = await emulator({ phones: 4 });
const { instanceIds } = service;
const workerData = { ids: instanceIds, options: service.clientOptions() };
const threads = () => readdirSync('/proc/self/task').length;

function work(source) {
  const prelude =
    "const { parentPort, workerData: { ids, options } } = require('node:worker_threads'); " +
    "const { Client } = require('koophone');";
  return new Worker(`${prelude} (async () => { ${source} })()`, { eval: true, workerData });
}

test('workers make calls at the same time, each with its own client', async () => {
  const source = `
    const client = new Client(options);
    const results = await Promise.all(ids.map((id) => client.runCommand([id], 'echo ' + id)));
    parentPort.postMessage(results.map(([result]) => result.output));`;
  const workers = Array.from({ length: 4 }, () => work(source));
  // Both at once: a worker's last message and its end may come in one turn of the loop.
  const ends = workers.map((worker) => Promise.all([once(worker, 'message'), once(worker, 'exit')]));
  for (const [[outputs], [code]] of await Promise.all(ends)) {
    assert.deepEqual(outputs, instanceIds);
    assert.equal(code, 0);
  }
});

test('a worker that is ended with open calls takes them with it', async () => {
  service.addFaults({ operation: 'run_command', action: 'no_response', times: 8 });
  const before = service.requests().length;
  const worker = work(
    "const client = new Client(options); for (let n = 0; n < 8; n++) client.runCommand(ids, 'true').catch(() => {}); ",
  );
  const pending = () =>
    service
      .requests()
      .slice(before)
      .filter(({ operation }) => operation === 'run_command');
  await until(() => pending().length === 8);
  await worker.terminate();
  await until(() => pending().every(({ status }) => status === 'cut'));
});

test(
  'loading the addon in one worker after the other leaves nothing behind',
  { skip: process.platform !== 'linux' },
  async () => {
    const source = "await new Client(options).runCommand(ids, 'true'); await new Client(options).queryStatus(ids);";
    const oneWorker = async () => {
      const [code] = await once(work(source), 'exit');
      assert.equal(code, 0);
    };
    const look = () => ({ threads: threads(), sockets: service.requests().length });
    for (let n = 0; n < 5; n++) await oneWorker();
    const [before, memory] = [look(), process.memoryUsage.rss()];
    for (let n = 0; n < 25; n++) await oneWorker();
    assert.equal(threads(), before.threads);
    assert.ok(service.requests().length > before.sockets);
    const grown = (process.memoryUsage.rss() - memory) / 1e6;
    assert.ok(grown < 60, `${grown.toFixed(1)} MB more after 25 workers`);
  },
);

const START = `
  import { Emulator, Client } from 'koophone';
  const service = await Emulator.start({ phones: 2 });
  const client = service.client();
  const ids = service.instanceIds;`;

test('a process ends by itself with clients and an emulator that were not closed', async () => {
  const { code, stdout } = await run(`${START} await client.runCommand(ids, 'true'); console.log('end');`);
  assert.deepEqual([code, stdout], [0, 'end\n']);
});

test('a call under way keeps the process alive until it has ended', async () => {
  const { code, stdout } = await run(`${START}
    service.addFaults({ operation: 'run_command', action: 'delay', milliseconds: 200 });
    client.runCommand(ids, 'echo late').then(([result]) => console.log(result.output));`);
  assert.deepEqual([code, stdout], [0, 'late\n']);
});

test('process.exit with open calls ends the process at once', async () => {
  const { code, stdout } = await run(`${START}
    service.addFaults({ action: 'no_response', times: 0 });
    for (let n = 0; n < 32; n++) client.runCommand(ids, 'true').catch(() => console.log('rejected'));
    const look = () => (service.requests().length > 0 ? process.exit(7) : setImmediate(look));
    look();`);
  assert.deepEqual([code, stdout], [7, '']);
});

test('an error that is not caught ends the process in the usual way, calls or not', async () => {
  const { code, stderr } = await run(`${START}
    service.addFaults({ action: 'no_response', times: 0 });
    client.runCommand(ids, 'true').catch(() => {});
    throw new Error('mine');`);
  assert.equal(code, 1);
  assert.match(stderr, /Error: mine/);
});

test('clients come and go: no threads, no files', { skip: process.platform !== 'linux' }, async () => {
  const { code, stdout, stderr } = await run(
    `${START}
    import { readdirSync } from 'node:fs';
    const look = () => [readdirSync('/proc/self/task').length, readdirSync('/proc/self/fd').length];
    const round = async (times) => {
      for (let n = 0; n < times; n++) await service.client({ log: () => {} }).queryStatus(ids);
      for (let n = 0; n < 5; n++) {
        globalThis.gc();
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await round(20);
    const [threads, files] = look();
    await round(200);
    const [threadsAfter, filesAfter] = look();
    // The sockets of the last client may still be closing.
    console.log(threadsAfter - threads, filesAfter - files < 20);`,
    { args: ['--expose-gc'] },
  );
  assert.deepEqual([code, stdout], [0, '0 true\n'], stderr);
});
