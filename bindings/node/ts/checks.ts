/**
 * Checks of what callers pass, before anything is sent: in the words of JavaScript, which neither the core nor serde
 * has.
 */

import { KooPhoneError } from './errors.js';

/** Whether a value is right; if not, what would be. */
export interface Check {
  readonly fits: (value: unknown) => boolean;
  readonly right: string;
}

/** The names an object may have, and what each must be. */
export type Checks = Readonly<Record<string, Check>>;

const check = (right: string, fits: (value: unknown) => boolean): Check => ({ fits, right });
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
/** A Map has no names to read, an array only numbers. */
const hasNames = (value: unknown): value is object =>
  isObject(value) && Object.prototype.toString.call(value) === '[object Object]';

/** The names an object may have, with the name of what each must be, and those that it must have. */
export interface Shape {
  readonly required: readonly string[];
  readonly fields: Readonly<Record<string, keyof typeof A>>;
}

/**
 * The kinds of values. By what they can do, not by their class: under Jest and `vm` each context has classes of its
 * own.
 */
export const A = {
  any: check('anything', () => true),
  boolean: check('true or false', (value) => typeof value === 'boolean'),
  number: check('a number', (value) => typeof value === 'number' && Number.isFinite(value)),
  string: check('a string', (value) => typeof value === 'string'),
  function: check('a function', (value) => typeof value === 'function'),
  object: check('an object', hasNames),
  list: check('an array', Array.isArray),
  stringMap: check(
    'an object whose values are strings',
    (value) => hasNames(value) && Object.values(value).every((item) => typeof item === 'string'),
  ),
  milliseconds: check(
    'a number of milliseconds, 0 or more',
    (value) => typeof value === 'number' && value >= 0 && value < Infinity,
  ),
  limit: check(
    'a number of milliseconds, 0 or more, or Infinity for no limit',
    (value) => typeof value === 'number' && value >= 0,
  ),
  signal: check(
    'an AbortSignal',
    (value) =>
      isObject(value) &&
      typeof (value as AbortSignal).aborted === 'boolean' &&
      typeof (value as AbortSignal).addEventListener === 'function',
  ),
} as const satisfies Checks;

/** Fails with kind `invalid_argument`. */
export function refuse(argument: string, message: string): never {
  throw new KooPhoneError({ kind: 'invalid_argument', message, argument });
}

/** Checks one value. */
export function checkValue(name: string, value: unknown, { fits, right }: Check): void {
  if (!fits(value)) {
    const hint =
      right === A.signal.right && isObject(value) && 'signal' in value
        ? '; pass the signal of that controller: controller.signal'
        : '';
    refuse(name, `${name} must be ${right}, not ${shown(value)}${hint}`);
  }
  if (typeof value === 'string') {
    checkText(name, value);
  }
}

/** Half of a surrogate pair cannot be sent: U+FFFD would take its place. */
export function checkText(name: string, text: string): void {
  if (!text.isWellFormed()) {
    refuse(
      name,
      `${name} holds half of a surrogate pair, which is no character; it may have been cut in the middle of one`,
    );
  }
}

/** Checks every text in plain data, names included. */
export function checkTexts(name: string, value: unknown): void {
  if (typeof value === 'string') {
    checkText(name, value);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const place = Array.isArray(value) ? `${name}[${key}]` : `${name}.${key}`;
      checkText(name, key);
      checkTexts(place, item);
    }
  }
}

/** Checks a list of ids, and gives it as JSON. */
export function idsJson(ids: unknown): string {
  checkValue('instanceIds', ids, A.list);
  (ids as unknown[]).forEach((id, index) => {
    if (typeof id !== 'string' || !id.isWellFormed()) {
      checkValue(`instanceIds[${index}]`, id, A.string);
    }
  });
  return JSON.stringify(ids);
}

/**
 * Checks the names and values of an object; `what` is what a name stands for. What is undefined or null is not given.
 */
export function checkNames(given: object | undefined | null, checks: Checks, what = 'option'): void {
  if (given === undefined || given === null) {
    return;
  }
  if (!hasNames(given)) {
    refuse(`${what}s`, `the ${what}s must be an object, not ${shown(given)}`);
  }
  for (const name in given as object) {
    const value = (given as Record<string, unknown>)[name];
    if (!Object.hasOwn(checks, name)) {
      refuse(name, unknown(name, Object.keys(checks), what));
    }
    if (value !== undefined && value !== null) {
      checkValue(name, value, checks[name] as Check);
    }
  }
}

/** Checks an object that must have a shape. */
export function checkShape(name: string, given: object, { required, fields }: Shape, what: string): void {
  checkValue(name, given, A.object);
  checkNames(given, Object.fromEntries(Object.entries(fields).map(([field, kind]) => [field, A[kind]])), what);
  for (const field of required) {
    checkValue(`${name}.${field}`, (given as Record<string, unknown>)[field], A[fields[field] as keyof typeof A]);
  }
}

/** What to say about a name that nobody knows. */
export function unknown(name: string, known: readonly string[], what: string): string {
  const near = nearest(name, known);
  const hint = near === undefined ? '.' : `; did you mean ${near}?`;
  return `there is no ${what} "${name}"${hint} Valid names: ${known.join(', ')}`;
}

/** The name that was meant, if it is near enough. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const wrong = name.toLowerCase();
  const distances = known.map((right) => [distance(wrong, right.toLowerCase()), right] as const);
  const [least, right] = distances.reduce((best, next) => (next[0] < best[0] ? next : best), [Infinity, ''] as const);
  return least <= Math.max(2, name.length / 3) ? right : undefined;
}

/** Letters to put in, take out or change. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    const next = [line];
    for (let column = 1; column <= to.length; column++) {
      const change = (row[column - 1] as number) + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(change, (row[column] as number) + 1, (next[column - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}

/** A value in a message: a number or its kind, since a text may be a secret. */
function shown(value: unknown): string {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return 'an array';
      const name: unknown = value.constructor?.name;
      return typeof name === 'string' && name !== 'Object' ? `an instance of ${name}` : 'an object';
    }
    default:
      return `a ${typeof value}`;
  }
}
