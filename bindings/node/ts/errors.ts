import type { ErrorDetails } from './model.js';
import { native } from './native.js';

/** Every detail of a failure is a field of the error itself. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export interface KooPhoneError extends Omit<ErrorDetails, 'message'> {}

/**
 * A failure of any call: one class, whose `kind` says what went wrong. Each kind has a type guard, such as
 * {@link isOutcomeUnknown}.
 *
 * `cause` is the chain of causes; for a call that was cancelled by its signal it is the signal's reason.
 *
 * @example
 * ```ts
 * try {
 *   await client.runCommand(ids, 'input tap 540 960');
 * } catch (error) {
 *   if (isOutcomeUnknown(error)) console.log('it may have run; look before you repeat it', error.requestId);
 *   else throw error;
 * }
 * ```
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export class KooPhoneError extends Error {
  /** Errors come from calls; there is no need to make one, except in tests of one's own code. */
  constructor(details: Partial<ErrorDetails> & Pick<ErrorDetails, 'kind' | 'message'>, options?: ErrorOptions) {
    const { message, lastJobs, ...rest } = details;
    super(message, options ?? chain(details.causes ?? []));
    Object.assign(this, rest, { lastJobs: lastJobs === undefined ? [] : withErrors(lastJobs) });
  }

  /** All details as plain data. */
  toJSON(): ErrorDetails {
    return { ...this, message: this.message };
  }
}
Object.defineProperty(KooPhoneError.prototype, 'name', { value: 'KooPhoneError', configurable: true, writable: true });

/** Causes as the chain of errors that `cause` is made for. */
function chain(causes: readonly string[]): ErrorOptions {
  const [first, ...rest] = causes;
  return first === undefined ? {} : { cause: new Error(first, chain(rest)) };
}

/** The errors inside a list of answers, which arrive as plain data, as errors. */
export function withErrors<T extends { readonly error: KooPhoneError | null }>(answers: readonly T[]): T[] {
  for (const answer of answers as unknown as { error: ErrorDetails | null }[]) {
    if (answer.error !== null) {
      answer.error = new KooPhoneError(answer.error);
    }
  }
  return answers as unknown as T[];
}

const PREFIX = 'koophone:';

/** What the addon threw as a {@link KooPhoneError}. */
export function lift(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) {
    return thrown;
  }
  if (thrown.message.startsWith(PREFIX)) {
    return new KooPhoneError(JSON.parse(thrown.message.slice(PREFIX.length)) as ErrorDetails);
  }
  // Node-API's own refusals of arguments have codes such as StringExpected.
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code === 'InvalidArg' || code?.endsWith('Expected')) {
    return new KooPhoneError(JSON.parse(native().invalidArgument(thrown.message)) as ErrorDetails);
  }
  return thrown;
}

/** Does something with the addon whose refusals are thrown as {@link KooPhoneError}. */
export function lifting<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw lift(thrown);
  }
}

