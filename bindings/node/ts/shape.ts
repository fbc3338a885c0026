/** What values must be, as generated tables say it and `checks.ts` reads it. */

/** Values that need no further words. */
export type Plain =
  | 'any'
  | 'boolean'
  | 'function'
  | 'integer'
  | 'limit'
  | 'milliseconds'
  | 'number'
  | 'object'
  | 'signal'
  | 'string'
  | 'stringMap';

/** A whole number within limits. */
export interface Limits {
  readonly min: number;
  readonly max?: number;
}

/** An object with fields, some of which it must have. */
export interface Shape {
  readonly name: string;
  readonly required: readonly string[];
  readonly fields: Readonly<Record<string, Kind>>;
}

/** An object whose further fields depend on one of them. */
export interface Choice extends Shape {
  readonly by: string;
  readonly choices: Readonly<Record<string, Shape>>;
}

/** What a value must be. An array holds the only values. */
export type Kind = Plain | readonly string[] | { readonly list: Kind } | Limits | Shape | Choice;
