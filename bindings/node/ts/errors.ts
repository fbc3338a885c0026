import { ERROR_KINDS, NO_DETAILS } from './generated/model.js';
import type { ErrorDetails, ErrorKind, PhoneResult } from './generated/model.js';
import { ownWords } from './names.js';

/** `ERR_KOOPHONE_` and the kind in capitals, for example `ERR_KOOPHONE_OUTCOME_UNKNOWN`. */
export type ErrorCode = `ERR_KOOPHONE_${Uppercase<ErrorKind>}`;

/** The fields of an error: one that is not given is absent, false, 0 or empty. */
export interface ErrorFields extends Partial<Omit<ErrorDetails, 'kind' | 'message'>> {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly results?: readonly PhoneResult[];
}

/** Marks errors of every copy of this package: tests load several, and `instanceof` knows one. */
const MARK = Symbol.for('koophone.KooPhoneError');

/** Every detail of a failure is a field of the error itself. */
export interface KooPhoneError extends Omit<ErrorDetails, 'message'> {}

/**
 * A failure of any call: one class, whose `kind` says what is wrong. {@link KooPhoneError.is} tests for one.
 *
 * `cause` is the chain of causes; for a call that its signal cancelled it is the signal's reason.
 *
 * @example
 * ```ts
 * try {
 *   await client.login();
 * } catch (error) {
 *   if (!KooPhoneError.is(error, 'network', 'timeout')) throw error;
 *   console.log('the service cannot be reached', error.causes);
 * }
 * ```
 */
export class KooPhoneError extends Error {
  /** The kind as Node writes error codes. It never changes; the service's own code is `serviceCode`. */
  readonly code: ErrorCode;
  /** All results of the call, where its option `check` made an exception of the first error; else empty. */
  readonly results: readonly PhoneResult[];

  /** Calls make errors; a program needs to make one only in its own tests. */
  constructor(details: ErrorFields, options?: ErrorOptions) {
    const { message, lastJobs = [], results = [], ...rest } = details;
    super(message, options ?? chain(details.causes ?? []));
    this.code = `ERR_KOOPHONE_${details.kind.toUpperCase() as Uppercase<ErrorKind>}`;
    this.results = withErrors([...results]);
    Object.assign(this, NO_DETAILS, rest, { lastJobs: withErrors([...lastJobs]) });
  }

  /**
   * Whether something caught is a `KooPhoneError`, and of one of `kinds` if there are any. Unlike `instanceof` it
   * knows the errors of every copy of this package, such as those that Jest loads again for each test file.
   */
  static is<K extends ErrorKind = ErrorKind>(
    error: unknown,
    ...kinds: readonly K[]
  ): error is KooPhoneError & { readonly kind: K } {
    const ours = typeof error === 'object' && error !== null && MARK in error;
    return ours && (kinds.length === 0 || kinds.includes((error as unknown as KooPhoneError).kind as K));
  }

  /**
   * The error again from what a worker's `error` event, `postMessage(error.toJSON())` or JSON has made of it;
   * `undefined` for anything else.
   */
  static from(value: unknown): KooPhoneError | undefined {
    if (KooPhoneError.is(value)) return value;
    const given = (typeof value === 'object' ? value : null) as (Error & ErrorFields) | null;
    if (!given || !ERROR_KINDS.includes(given.kind) || typeof given.message !== 'string') return undefined;
    const all = ['kind', 'message', 'results', ...Object.keys(NO_DETAILS)];
    const names = all.filter((name) => Object.hasOwn(given, name));
    const details = Object.fromEntries(names.map((name) => [name, given[name as keyof ErrorFields]]));
    const options = 'cause' in given ? { cause: given.cause } : undefined;
    const error = new KooPhoneError(details as unknown as ErrorFields, options);
    return typeof given.stack === 'string' ? Object.defineProperty(error, 'stack', { value: given.stack }) : error;
  }

  /** All details as plain data, at every level, which {@link KooPhoneError.from} reads. */
  toJSON(): ErrorDetails & { readonly code: ErrorCode; readonly results: readonly PhoneResult[] } {
    // Errors in it become plain data in the same way.
    return JSON.parse(JSON.stringify({ ...this, message: this.message })) as ReturnType<KooPhoneError['toJSON']>;
  }
}
Object.defineProperties(KooPhoneError.prototype, {
  name: { value: 'KooPhoneError', configurable: true, writable: true },
  [MARK]: { value: true },
});

/** Causes as the chain of errors that `cause` is made for. */
function chain(causes: readonly string[]): ErrorOptions {
  const [first, ...rest] = causes;
  return first === undefined ? {} : { cause: new Error(first, chain(rest)) };
}

/**
 * Replaces the plain data of errors in a list of results by errors. `signal` may have cancelled the call.
 */
export function withErrors<T extends { readonly error: KooPhoneError | null }>(
  results: readonly T[],
  signal?: AbortSignal | null,
): T[] {
  const list = results as T[];
  for (const [place, result] of list.entries()) {
    const { value } = result as { value?: { bytes?: Uint8Array } | null };
    if (value?.bytes) value.bytes = Uint8Array.from(value.bytes);
    if (result.error === null || KooPhoneError.is(result.error)) continue;
    list[place] = { ...result, error: made(result.error, signal) };
  }
  return list;
}

/** An error that the addon reports. */
function made(details: ErrorFields, signal?: AbortSignal | null): KooPhoneError {
  const ofOurs = details.kind === 'invalid_argument' || details.kind === 'configuration';
  const cause = details.kind === 'cancelled' && signal?.aborted ? { cause: signal.reason as unknown } : undefined;
  return new KooPhoneError(ofOurs ? { ...details, ...ownWords(details) } : details, cause);
}

const PREFIX = 'koophone:';

/**
 * What the addon threw or reports as a {@link KooPhoneError}. Under Jest and `vm` its class is not the `Error` of this
 * context.
 */
export function lift(thrown: unknown, signal?: AbortSignal | null): unknown {
  const message: unknown = typeof thrown === 'object' && thrown !== null ? (thrown as Error).message : undefined;
  if (typeof message !== 'string' || !message.startsWith(PREFIX)) return thrown;
  return made(JSON.parse(message.slice(PREFIX.length)) as ErrorDetails, signal);
}

/** Does something with the addon, whose errors are thrown as {@link KooPhoneError}. */
export function lifting<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw lift(thrown);
  }
}
