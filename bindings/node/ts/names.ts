/**
 * Converts names: camelCase here, snake_case in the core and the emulator. By rule, so that no list is needed.
 */

import { DATA_FIELDS } from './generated/emulator.js';
import { TIMES } from './generated/settings.js';

/** `instanceId` as `instance_id`. */
export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `instance_id` as `instanceId`. */
function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A JSON value with all its keys converted, except those that are data. */
function withKeys(value: unknown, turn: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withKeys(item, turn));
  if (value === null || typeof value !== 'object') return value;
  const turned = ([key, item]: [string, unknown]): [string, unknown] =>
    [turn(key), DATA_FIELDS.includes(key) ? item : withKeys(item, turn)];
  return Object.fromEntries(Object.entries(value).map(turned));
}

/** The names and values that are given: not undefined or null. */
export function given(values: object): [string, unknown][] {
  return Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
}

/** A value as JSON text with snake_case keys. */
export function snakeJson(value: unknown): string {
  return JSON.stringify(withKeys(value, snake));
}

/** JSON text with snake_case keys as a value. */
export function fromSnakeJson(text: string): unknown {
  return withKeys(JSON.parse(text), camel);
}

/** The name of a setting in this language: `timeout` is `timeoutMs`. */
function ownName(name: string): string {
  const turned = camel(name);
  return TIMES.includes(`${turned}Ms`) ? `${turned}Ms` : turned;
}

/** Quoted text, which is the user's, or a name in snake_case that is not part of a path or an address. */
const NAME = /"(?:[^"\\]|\\.)*"|`[^`]*`|(?<![\w./:-])[a-z]+(?:_[a-z0-9]+)+(?![\w/:-]|\.\w)/g;

type Words = { readonly argument?: string | null; readonly message: string };

/** An argument and a message of the core with the names of this language. */
export function ownWords({ argument, message }: Words): Words {
  const turn = (found: string): string => (/^["`]/.test(found) ? found : ownName(found));
  // KOOPHONE_TIMEOUT is an environment variable.
  const name = argument && /^[a-z_0-9]+$/.test(argument) ? ownName(argument) : (argument ?? null);
  const named = message.replace(`setting ${argument} `, `setting ${name} `);
  const begun = argument && named.startsWith(`${argument} `) ? `${name}${named.slice(argument.length)}` : named;
  return { argument: name, message: begun.replace(NAME, turn) };
}
