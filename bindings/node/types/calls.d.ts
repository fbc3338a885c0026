/** Calls under way: a number for each, and the Promise that waits for it. One instance per thread, as the addon's. */
import type { Progress } from './model.js';
import { type NativeCalls } from './native.js';
/** What may be said about any call. */
export interface CallOptions {
    /**
     * Cancels the call: it stops at once and fails with kind `cancelled`, with the signal's reason as its `cause`. Something
     * that was already sent may still run on the phones.
     */
    readonly signal?: AbortSignal | undefined;
    /** Total deadline in milliseconds, with all batches and repeats, instead of the client's `timeout`. `Infinity`: none. */
    readonly timeoutMs?: number | undefined;
    /** Your word that doing this twice does no harm: then it is repeated even when its outcome is unknown. */
    readonly repeatable?: boolean | undefined;
}
/** What may be said about a call that gives one answer per phone. */
export interface AnswerOptions extends CallOptions {
    /** All or nothing: when a phone failed, the call fails with that phone's error, which says how many failed. */
    readonly raiseForErrors?: boolean | undefined;
}
/** A line of a client's log. Holds no secret, no command and no output. */
export interface LogRecord {
    /** How important it is. */
    readonly level: LogLevel;
    /** What happened, then `name=value` pairs. */
    readonly message: string;
}
/** The levels of a log, the most important first. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';
/** Starts a call with the number, the deadline and the flags that it is given. */
export type Start = (id: number, timeoutMs: number | null, flags: number) => void;
/** The addon's side of the calls of this thread. */
export declare function theCalls(): NativeCalls;
/**
 * Makes a call and gives its answer, read from JSON. The error is made in here, after the wait, so that its stack names
 * those who wait.
 */
export declare function call(start: Start, options?: AnswerOptions, progress?: (progress: Progress) => void): Promise<unknown>;
/** Gives a log a number, for as long as `owner` lives. */
export declare function numberLog(sink: (record: LogRecord) => void, owner: object): number;
