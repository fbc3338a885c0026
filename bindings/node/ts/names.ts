/** Turning names: camelCase here, snake_case in the core and the emulator. By rule, so that there is no list to keep. */

/** `instanceId` as `instance_id`. */
export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `instance_id` as `instanceId`. */
export function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Values whose keys are the user's data: paths, property names, headers, JSON of an answer. */
const DATA = new Set(['body', 'files', 'headers', 'properties']);

/** A JSON value with all its keys turned, apart from those that are data. */
export function withKeys(value: unknown, turn: (name: string) => string): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => withKeys(item, turn));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [turn(key), DATA.has(key) ? item : withKeys(item, turn)]));
}

/** A value as JSON text with snake_case keys. */
export function snakeJson(value: unknown): string {
  return JSON.stringify(withKeys(value, snake));
}

/** JSON text with snake_case keys as a value. */
export function fromSnakeJson(text: string): unknown {
  return withKeys(JSON.parse(text), camel);
}
