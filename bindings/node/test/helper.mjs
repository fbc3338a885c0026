import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Emulator } from '../dist/index.mjs';

/** An emulator that is closed when the test file has ended. */
export async function emulator(options) {
  const started = await Emulator.start(options);
  after(() => started.close());
  return started;
}

/** What a Promise fails with. */
export async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

/** Waits for a condition that some event will bring about, looking again at each turn of the event loop. */
export async function until(condition) {
  while (!condition()) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Runs a program of Node's, and returns exit code and output. `entry` is what `koophone` resolves to. */
export async function run(source, { args = [], type = 'module', env = {} } = {}) {
  const child = spawn(process.execPath, [`--input-type=${type}`, ...args, '--eval', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, ...env },
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (text) => (output[stream] += text));
  }
  const [code, signal] = await once(child, 'close');
  return { code, signal, ...output };
}
