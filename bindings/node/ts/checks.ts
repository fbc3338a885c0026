/**
 * Checks of arguments, before anything is sent: in the words of JavaScript, which neither the core nor serde has. The
 * tables in `generated/arguments.ts` consist of them.
 */

import { KooPhoneError } from './errors.js';
import { native } from './native.js';

/** Refuses a value that must be another. `name` is its place in the arguments. */
export type Check = (name: string, value: unknown) => void;

type Checks = Readonly<Record<string, Check>>;
type Properties = Readonly<Record<string, unknown>>;

/** Fails with kind `invalid_argument`. */
export function refuse(argument: string, message: string): never {
  throw new KooPhoneError({ kind: 'invalid_argument', message, argument });
}

/** Checks the properties of a value, not its class: under Jest and `vm` each context has its own classes. */
function must(right: string, fits: (value: unknown) => boolean): Check {
  return (name, value) => {
    if (!fits(value)) refuse(name, `${name} must be ${right}, not ${shown(value)}`);
  };
}

const isObject = (value: unknown): value is Properties => typeof value === 'object' && value !== null;
/** A Map has no names to read, an array only numbers. */
const hasNames = (value: unknown): value is Properties =>
  isObject(value) && Object.prototype.toString.call(value) === '[object Object]';
const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0;
const text = must('a string', (value) => typeof value === 'string');
const array = must('an array', Array.isArray);

export const boolean = must('true or false', (value) => typeof value === 'boolean');
export const callback = must('a function', (value) => typeof value === 'function');
export const integer = must('a whole number', Number.isSafeInteger);
export const limit = must('a number of milliseconds, 0 or more, or Infinity for no limit', isTime);
export const milliseconds = must('a number of milliseconds, 0 or more', (value) => isTime(value) && value < Infinity);
export const number = must('a number', Number.isFinite);
export const named = must('an object', hasNames);
export const signal = must(
  'an AbortSignal, such as controller.signal',
  (value) => isObject(value) && typeof value.aborted === 'boolean' && typeof value.addEventListener === 'function',
);

/** A whole number within limits. */
export function within(min: number, max = Infinity): Check {
  const right = max === Infinity ? `a whole number, ${min} or more` : `a whole number from ${min} to ${max}`;
  return must(right, (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max);
}

/** Text without half of a surrogate pair, in whose place U+FFFD would be sent. */
export const string: Check = (name, value) => {
  text(name, value);
  if (!(value as string).isWellFormed()) {
    const cut = 'it may have been cut in the middle of one';
    refuse(name, `${name} holds half of a surrogate pair, which is no character; ${cut}`);
  }
};

/** Anything, in which every text, also a name, passes {@link string}. */
export const any: Check = (name, value) => {
  if (typeof value === 'string') string(name, value);
  if (!hasNames(value) && !Array.isArray(value)) return;
  for (const [key, item] of Object.entries(value)) {
    string(name, key);
    any(Array.isArray(value) ? `${name}[${key}]` : `${name}.${key}`, item);
  }
};

/** An object whose names and values are data. */
export const object: Check = (name, value) => {
  named(name, value);
  any(name, value);
};

/** The same with texts only. */
export const stringMap: Check = (name, value) => {
  const isMap = hasNames(value) && Object.values(value).every((item) => typeof item === 'string');
  must('an object whose values are strings', () => isMap)(name, value);
  any(name, value);
};

/** One of several texts. */
export function oneOf(...values: readonly string[]): Check {
  return (name, value) => {
    text(name, value);
    if (!values.includes(value as string)) {
      const hint = meant(value as string, values);
      refuse(name, `${name} cannot be "${value as string}"${hint} Valid values: ${values.join(', ')}`);
    }
  };
}

/** An array of the same. */
export function list(of: Check): Check {
  return (name, value) => {
    array(name, value);
    // Not `forEach`, which skips holes.
    for (const [index, item] of (value as unknown[]).entries()) of(`${name}[${index}]`, item);
  };
}

export const strings = list(string);

/** Nothing, one text, or an array of texts. */
export const texts: Check = (name, value) => {
  if (value === null) return;
  must('a string, an array of strings, or null', () => typeof value === 'string' || Array.isArray(value))(name, value);
  (Array.isArray(value) ? strings : string)(name, value);
};

/** An object with fields, some of which it must have. */
export function struct(of: string, required: readonly string[], known: Checks): Check {
  return (name, value) => {
    named(name, value);
    fields(value as object, known, `field of ${of}`, `${name}.`);
    for (const field of required) known[field]?.(`${name}.${field}`, (value as Properties)[field]);
  };
}

/** An object of one of several kinds, which the field `by` names. */
export function choice(by: string, kinds: Checks): Check {
  return (name, value) => {
    named(name, value);
    const chosen = (value as Properties)[by] as string;
    text(`${name}.${by}`, chosen);
    if (!Object.hasOwn(kinds, chosen)) refuse(`${name}.${by}`, unknown(chosen, Object.keys(kinds), by));
    kinds[chosen]?.(name, value);
  };
}

/**
 * Checks the names and values of an object; `what` is the meaning of a name, and `place` where it is. A value of
 * undefined or null is not given.
 */
export function fields(given: object | undefined | null, known: Checks, what = 'option', place = ''): void {
  if (given === undefined || given === null) return;
  if (!hasNames(given)) refuse(`${what}s`, `the ${what}s must be an object, not ${shown(given)}`);
  for (const name in given) {
    if (!Object.hasOwn(known, name)) refuse(`${place}${name}`, unknown(name, Object.keys(known), what));
    if (given[name] !== undefined && given[name] !== null) known[name]?.(`${place}${name}`, given[name]);
  }
}

/** Checks a list of structures, which may be any iterable, and returns its items. */
export function items<T>(name: string, given: Iterable<T>, of: string, check: Check): readonly T[] {
  must(`an array of ${of}, or another iterable`, (value) => isObject(value) && Symbol.iterator in value)(name, given);
  const items = Array.from(given);
  list(check)(name, items);
  return items;
}

/** The message about an unknown name. */
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
