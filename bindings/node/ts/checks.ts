/**
 * Checks of what callers pass, before anything is sent: in the words of JavaScript, which neither the core nor serde
 * has.
 */

import { KooPhoneError } from './errors.js';
import { native } from './native.js';
import { snakeJson } from './names.js';
import type { Choice, Kind, Limits, Plain, Shape } from './shape.js';

type Check = readonly [right: string, fits: (value: unknown) => boolean];

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
/** A Map has no names to read, an array only numbers. */
const hasNames = (value: unknown): value is object =>
  isObject(value) && Object.prototype.toString.call(value) === '[object Object]';

/**
 * The kinds of values. By what they can do, not by their class: under Jest and `vm` each context has classes of its
 * own.
 */
const PLAIN: Readonly<Record<Plain, Check>> = {
  any: ['anything', () => true],
  boolean: ['true or false', (value) => typeof value === 'boolean'],
  function: ['a function', (value) => typeof value === 'function'],
  integer: ['a whole number', Number.isSafeInteger],
  limit: [
    'a number of milliseconds, 0 or more, or Infinity for no limit',
    (value) => typeof value === 'number' && value >= 0,
  ],
  milliseconds: [
    'a number of milliseconds, 0 or more',
    (value) => typeof value === 'number' && value >= 0 && value < Infinity,
  ],
  number: ['a number', Number.isFinite],
  object: ['an object', hasNames],
  signal: [
    'an AbortSignal',
    (value) =>
      isObject(value) &&
      typeof (value as AbortSignal).aborted === 'boolean' &&
      typeof (value as AbortSignal).addEventListener === 'function',
  ],
  string: ['a string', (value) => typeof value === 'string'],
  stringMap: [
    'an object whose values are strings',
    (value) => hasNames(value) && Object.values(value).every((item) => typeof item === 'string'),
  ],
};

/** Fails with kind `invalid_argument`. */
export function refuse(argument: string, message: string): never {
  throw new KooPhoneError({ kind: 'invalid_argument', message, argument });
}

/** Checks a value, and everything in it. */
export function checkKind(name: string, value: unknown, kind: Kind): void {
  if (typeof kind === 'string') {
    checkPlain(name, value, PLAIN[kind]);
    checkTexts(name, value);
  } else if ('list' in kind) {
    checkPlain(name, value, ['an array', Array.isArray]);
    // Not `forEach`, which passes over holes.
    for (const [index, item] of (value as unknown[]).entries()) checkKind(`${name}[${index}]`, item, kind.list);
  } else if ('fields' in kind) {
    checkShape(name, value, kind);
  } else if ('min' in kind) {
    checkPlain(name, value, within(kind));
  } else {
    checkPlain(name, value, PLAIN.string);
    if (!kind.includes(value as string)) {
      const hint = meant(value as string, kind);
      refuse(name, `${name} cannot be "${value as string}"${hint} Valid values: ${kind.join(', ')}`);
    }
  }
}

/** Checks an object that must have a shape. */
function checkShape(name: string, value: unknown, shape: Shape): void {
  checkPlain(name, value, PLAIN.object);
  let { required, fields, name: of } = shape;
  if ('by' in shape) {
    const { by, choices } = shape as Choice;
    const chosen = (value as Record<string, unknown>)[by];
    checkPlain(`${name}.${by}`, chosen, PLAIN.string);
    const choice = Object.hasOwn(choices, chosen as string) ? choices[chosen as string] : undefined;
    if (choice === undefined) {
      refuse(`${name}.${by}`, unknown(chosen as string, Object.keys(choices), by));
    }
    ({ required, name: of } = choice);
    fields = { ...fields, ...choice.fields };
  }
  checkFields(value as object, fields, `field of ${of}`, `${name}.`);
  for (const field of required) {
    checkKind(`${name}.${field}`, (value as Record<string, unknown>)[field], fields[field] as Kind);
  }
}

/**
 * Checks the names and values of an object; `what` is what a name stands for, and `place` where it is. What is
 * undefined or null is not given.
 */
export function checkFields(
  given: object | undefined | null,
  fields: Readonly<Record<string, Kind>>,
  what = 'option',
  place = '',
): void {
  if (given === undefined || given === null) {
    return;
  }
  if (!hasNames(given)) {
    refuse(`${what}s`, `the ${what}s must be an object, not ${shown(given)}`);
  }
  for (const name in given) {
    const value = (given as Record<string, unknown>)[name];
    if (!Object.hasOwn(fields, name)) {
      refuse(`${place}${name}`, unknown(name, Object.keys(fields), what));
    }
    if (value !== undefined && value !== null) {
      checkKind(`${place}${name}`, value, fields[name] as Kind);
    }
  }
}

/** Checks a list of ids, and gives it as JSON. */
export function idsJson(ids: unknown): string {
  checkKind('instanceIds', ids, { list: 'string' });
  return JSON.stringify(ids);
}

/** Checks a list of structures, and gives its items. */
export function items<T>(name: string, list: Iterable<T>, of: Shape): readonly T[] {
  if (!isObject(list) || !(Symbol.iterator in list)) {
    refuse(name, `${name} must be an array of ${of.name}, or another iterable, not ${shown(list)}`);
  }
  const items = Array.from(list);
  checkKind(name, items, { list: of });
  return items;
}

/** Checks a list of structures, and gives it as JSON with the addon's names. */
export function listJson(name: string, list: Iterable<unknown>, of: Shape): string {
  return snakeJson(items(name, list, of));
}

/** Checks a structure, and gives it as JSON with the addon's names. */
export function structJson(name: string, value: unknown, of: Shape): string {
  checkKind(name, value, of);
  return snakeJson(value);
}

function checkPlain(name: string, value: unknown, [right, fits]: Check): void {
  if (!fits(value)) {
    const controller = right === PLAIN.signal[0] && isObject(value) && 'signal' in value;
    const hint = controller ? '; pass the signal of that controller: controller.signal' : '';
    refuse(name, `${name} must be ${right}, not ${shown(value)}${hint}`);
  }
}

function within({ min, max = Infinity }: Limits): Check {
  const right = max === Infinity ? `a whole number, ${min} or more` : `a whole number from ${min} to ${max}`;
  return [right, (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max];
}

/** Checks every text in plain data, names included: of half a surrogate pair, U+FFFD would be sent in its place. */
function checkTexts(name: string, value: unknown): void {
  if (typeof value === 'string' && !value.isWellFormed()) {
    const cut = 'it may have been cut in the middle of one';
    refuse(name, `${name} holds half of a surrogate pair, which is no character; ${cut}`);
  } else if (hasNames(value) || Array.isArray(value)) {
    for (const [key, item] of Object.entries(value)) {
      checkTexts(name, key);
      checkTexts(Array.isArray(value) ? `${name}[${key}]` : `${name}.${key}`, item);
    }
  }
}

/** What to say about a name that nobody knows. */
function unknown(name: string, known: readonly string[], what: string): string {
  return `there is no ${what} "${name}"${meant(name, known)} Valid names: ${known.join(', ')}`;
}

function meant(name: string, known: readonly string[]): string {
  const near = native().nearest(name, known);
  return near === null ? '.' : `; did you mean ${near}?`;
}

/** A value in a message: a number or its kind, since a text may be a secret. */
function shown(value: unknown): string {
  if (value === null || ['number', 'boolean', 'undefined'].includes(typeof value)) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (Array.isArray(value)) return 'an array';
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== 'Object' ? `an instance of ${name}` : 'an object';
}
