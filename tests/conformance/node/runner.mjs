// The Node face's runner: see ../PROTOCOL.md. Names are turned by rule: snake_case in the protocol, camelCase here.
import { createInterface } from 'node:readline';

import { Client, Credentials, Emulator, KooPhoneError } from '../../../bindings/node/dist/index.mjs';

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const turned = (value, turn) => {
  if (Array.isArray(value)) return value.map((item) => turned(item, turn));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [turn(name), turned(item, turn)]));
};

const ESCAPES = { '\\\\': '\\', '\\t': '\t', '\\n': '\n', '\\r': '\r' };

/** A line as its words and its fields, each a list. */
function read(line) {
  const parts = line.split('\t');
  const words = parts.filter((part) => !part.includes('='));
  const fields = new Map();
  for (const part of parts.filter((part) => part.includes('='))) {
    const [name, ...rest] = part.split('=');
    const value = rest.join('=').replace(/\\[\\tnr]/g, (escaped) => ESCAPES[escaped]);
    fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  return { words, all: (name) => fields.get(name) ?? [], one: (name) => fields.get(name)?.[0], fields };
}

/** What a line says about the call itself. */
function options({ one }) {
  const said = {};
  if (one('timeout_ms') !== undefined) said.timeoutMs = Number(one('timeout_ms'));
  if (one('repeatable') !== undefined) said.repeatable = one('repeatable') === 'true';
  if (one('raise_for_errors') !== undefined) said.check = one('raise_for_errors') === 'true';
  if (one('cancel_after_ms') !== undefined) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), Number(one('cancel_after_ms')));
    said.signal = controller.signal;
  }
  return said;
}

/**
 * A setting as this language has it: times are numbers of milliseconds and named so; numbers and truth values are no
 * text.
 */
function setting(name, text) {
  const [, number, unit] = /^(\d+)(ms|s)?$/.exec(text) ?? [];
  if (/(timeout|delay)$/.test(name))
    return [`${camel(name)}Ms`, text === 'none' ? Infinity : Number(number) * (unit === 'ms' ? 1 : 1000)];
  if (text === 'true' || text === 'false') return [camel(name), text === 'true'];
  return [
    camel(name),
    number !== undefined && /(size|attempts|concurrency|bytes|connections)$/.test(name) ? Number(number) : text,
  ];
}

let client;
let task;

function shown(started) {
  task = started;
  const { operation, taskIds, phones } = started;
  return { task: { operation, taskIds, phones } };
}

const CALLS = {
  runCommand: async ({ all, one }, said) => ({
    results: await client.runCommand(all('instance_id'), one('command') ?? '', said),
  }),
  startCommand: async ({ all, one }, said) =>
    shown(await client.startCommand(all('instance_id'), one('command') ?? '', said)),
  getTask: async ({ one }, said) => ({ status: await client.getTask(one('task_id') ?? '', said) }),
  setVideoSettings: async ({ all, one }, said) => {
    const video = turned(JSON.parse(one('video_settings')), camel);
    return { results: await client.setVideoSettings(all('instance_id'), video, said) };
  },
  queryStatus: async ({ all }, said) => ({ results: await client.queryStatus(all('instance_id'), said) }),
  resetInstances: async ({ all }, said) => shown(await client.resetInstances(all('instance_id'), said)),
  getDeviceToken: async ({ one }, said) => ({
    // A copy: the original hides its secrets in JSON.
    authorization: { ...(await client.getDeviceToken(one('instance_id') ?? '', said)) },
  }),
  login: async (_, said) => ({ identity: await client.login(said) }),
};

const TASK = {
  poll: async (_, said) => ({ status: await task.poll(said) }),
  wait: async (_, said) => {
    const progress = [];
    const results = await task.wait({ ...said, onProgress: (step) => progress.push(step) });
    return { results, progress };
  },
  save: async () => ({ saved: task.save() }),
  resume: async ({ one }) => shown(client.resumeTask(one('saved') ?? '')),
};

async function answer(line) {
  const [first, second] = line.words;
  switch (first) {
    case 'client': {
      const [settings, credentials] = [{}, {}];
      for (const [name, [value]] of line.fields) {
        if (name.startsWith('credential.')) {
          credentials[camel(name.slice(11))] = value;
        } else {
          const [field, given] = setting(name, value);
          settings[field] = given;
        }
      }
      const given = Object.keys(credentials).length > 0 ? { credentials: new Credentials(credentials) } : {};
      client = new Client({ ...settings, ...given, environment: {} });
      return { ok: true };
    }
    case 'call':
      return CALLS[camel(second)](line, options(line));
    case 'task':
      return TASK[second](line, options(line));
    case 'emulator': {
      const emulator = await Emulator.start(turned(JSON.parse(line.one('options') ?? '{}'), camel));
      await emulator.close();
      return { endpoint: emulator.endpoint };
    }
    default:
      throw new Error(`unknown line ${first}`);
  }
}

/** Errors as the protocol has them: `code` is the service's, `last_jobs` is there only where there are any. */
function ofProtocol(name, value) {
  if (value === null || typeof value !== 'object' || !('serviceCode' in value)) return value;
  const { code, serviceCode, results, lastJobs, argument, ...rest } = value;
  const own = argument && (argument.endsWith('Ms') ? argument.slice(0, -2) : argument);
  const message = value.message.replace(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g, snake);
  return {
    ...rest,
    message,
    code: serviceCode,
    argument: own && snake(own),
    ...(lastJobs.length > 0 ? { lastJobs } : {}),
  };
}

for await (const text of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  let said;
  try {
    said = await answer(read(text));
  } catch (error) {
    if (!(error instanceof KooPhoneError)) throw error;
    said = { error };
  }
  process.stdout.write(`${JSON.stringify(turned(JSON.parse(JSON.stringify(said, ofProtocol)), snake))}\n`);
}
