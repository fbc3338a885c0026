const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Plain data without its secrets where it is printed or converted to JSON. */
export function hiding<T extends object>(data: T, secrets: readonly (keyof T)[]): T {
  const hidden = secrets.filter((name) => data[name] !== null).map((name) => [name, '***']);
  const shown = (): object => ({ ...data, ...Object.fromEntries(hidden) });
  const print = (_depth: number, options: object, inspect: (value: object, options: object) => string): string =>
    inspect(shown(), options);
  return Object.defineProperties(data, { [INSPECT]: { value: print }, toJSON: { value: shown } });
}
