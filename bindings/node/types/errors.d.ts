import type { ErrorDetails } from './model.js';
/** Every detail of a failure is a field of the error itself. */
export interface KooPhoneError extends Omit<ErrorDetails, 'message'> {
}
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
export declare class KooPhoneError extends Error {
    /** Errors come from calls; there is no need to make one, except in tests of one's own code. */
    constructor(details: Partial<ErrorDetails> & Pick<ErrorDetails, 'kind' | 'message'>, options?: ErrorOptions);
    /** All details as plain data. */
    toJSON(): ErrorDetails;
}
/** The errors inside a list of answers, which arrive as plain data, as errors. */
export declare function withErrors<T extends {
    readonly error: KooPhoneError | null;
}>(answers: readonly T[]): T[];
/** What the addon threw as a {@link KooPhoneError}. */
export declare function lift(thrown: unknown): unknown;
/** Does something with the addon whose refusals are thrown as {@link KooPhoneError}. */
export declare function lifting<T>(work: () => T): T;
