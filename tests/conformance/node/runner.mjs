// The Node face's runner: see ../PROTOCOL.md. Names are turned by rule: snake_case in the protocol, camelCase here.
import { createInterface } from 'node:readline';

import { Client, Credentials, Emulator, KooPhoneError } from '../../../bindings/node/dist/index.mjs';
import { OPERATIONS, SETTINGS, VERBS } from './operations.mjs';

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
  if (one('traceparent') !== undefined) said.traceparent = one('traceparent');
  if (one('raise_for_errors') !== undefined) said.check = one('raise_for_errors') === 'true';
  if (one('cancel_after_ms') !== undefined) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), Number(one('cancel_after_ms')));
    said.signal = controller.signal;
  }
  return said;
}

/** A setting as this language has it: times are numbers of milliseconds; numbers and truth values are no text. */
function setting(name, text) {
  const [own, kind] = SETTINGS[name] ?? [camel(name), 'string'];
  const [, number, unit] = /^(\d+)(ms|s)?$/.exec(text) ?? [];
  if (kind === 'limit' && text === 'none') return [own, Infinity];
  if (kind === 'limit' || kind === 'milliseconds') return [own, Number(number) * (unit === 'ms' ? 1 : 1000)];
  if (kind === 'boolean') return [own, text === 'true'];
  return [own, kind === 'number' ? Number(text) : text];
}

let client;
let task;

function shown(started) {
  task = started;
  const { operation, taskIds, phones } = started;
  return { task: { operation, taskIds, phones } };
}

/** An argument from its text. */
const ARGUMENTS = {
  text: String,
  integer: Number,
  number: Number,
  duration: Number,
  bool: (text) => text === 'true',
  texts: (text) => (text.startsWith('[') ? JSON.parse(text) : text),
  predicate: (text) => (output) => output.includes(text),
  struct: (text) => turned(JSON.parse(text), camel),
  struct_list: (text) => turned(JSON.parse(text), camel),
};

/** Makes the call of an operation. An argument that a line lacks is left out. */
async function operation(name, { all, one }, said) {
  if (name === 'stats') return { stats: client.stats() };
  if (name === 'login') return { identity: await client.login(said) };
  const { target, params, reply } = OPERATIONS[name] ?? VERBS[name];
  const [phones, phone, id] = [all('instance_id'), one('instance_id') ?? '', one('task_id') ?? ''];
  const targets = { phones: [phones], phone: [phone], task: [id], assignments: [], none: [] };
  const further = params.map(([param, kind]) => {
    const text = one(param);
    return text === undefined ? undefined : ARGUMENTS[kind](text);
  });
  const result = await (name in VERBS
    ? client.phones(phones)[camel(name)](...further, said)
    : client[camel(name)](...targets[target], ...further, said));
  // Copies: the originals hide their secrets in JSON.
  if (reply === 'items') return { items: (await collected(result)).map((item) => ({ ...item })) };
  if (reply === 'task') return shown(result);
  if (reply === '') return { ok: true };
  if (reply === 'page') return { page: { ...result, items: result.items.map((item) => ({ ...item })) } };
  return { [reply]: reply === 'results' ? result : { ...result } };
}

async function collected(listing) {
  const items = [];
  for await (const item of listing) items.push(item);
  return items;
}

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

async function reply(line) {
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
      return operation(second, line, options(line));
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
  if (value instanceof Uint8Array) return [...value];
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
    said = await reply(read(text));
  } catch (error) {
    if (!(error instanceof KooPhoneError)) throw error;
    said = { error };
  }
  process.stdout.write(`${JSON.stringify(turned(JSON.parse(JSON.stringify(said, ofProtocol)), snake))}\n`);
}
