/** Calls under way: a number for each, and the Promise that waits for it. One instance per thread, as the addon's. */

import { KooPhoneError, lift } from './errors.js';
import type { ErrorDetails, Progress } from './model.js';
import { Flag, native, What, type NativeCalls } from './native.js';

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

interface Waiting {
  readonly settle: (answer: unknown) => void;
  readonly progress: ((progress: Progress) => void) | undefined;
}

/** Why a call failed: details told by the addon, or what a callback of the user's threw. */
class Failed {
  constructor(
    readonly text: string | undefined,
    readonly thrown?: unknown,
  ) {}
}

const waiting = new Map<number, Waiting>();
const logs = new Map<number, (record: LogRecord) => void>();
let calls: NativeCalls | undefined;
let last = 0;

/** The addon's side of the calls of this thread. */
export function theCalls(): NativeCalls {
  return (calls ??= new (native().Calls)(tell));
}

/** The addon tells something, on the event loop. */
function tell(id: number, what: What, text: string, printed: string): void {
  if (what === What.Log) {
    logs.get(id)?.(JSON.parse(text) as LogRecord);
    return;
  }
  const call = waiting.get(id);
  if (call === undefined) {
    return;
  }
  if (what === What.Progress) {
    try {
      call.progress?.(JSON.parse(text) as Progress);
    } catch (thrown) {
      theCalls().cancel(id);
      settle(id, call, new Failed(undefined, thrown));
    }
    return;
  }
  settle(id, call, what === What.Result ? read(text, printed) : new Failed(text));
}

/** A result from its JSON, and from the outputs of commands where they came beside it: then their lengths stand there. */
function read(text: string, printed: string): unknown {
  const result: unknown = JSON.parse(text);
  if (printed !== '') {
    let from = 0;
    for (const answer of result as { output: string }[]) {
      const to = from + Number(answer.output);
      answer.output = printed.slice(from, to);
      from = to;
    }
  }
  return result;
}

function settle(id: number, call: Waiting, answer: unknown): void {
  waiting.delete(id);
  if (waiting.size === 0) {
    theCalls().hold(false);
  }
  call.settle(answer);
}

/** A number no call under way has. */
function nextId(): number {
  last = (last + 1) % 0x1_0000_0000;
  return last;
}

/**
 * Makes a call and gives its answer, read from JSON. The error is made in here, after the wait, so that its stack names
 * those who wait.
 */
export async function call(start: Start, options?: AnswerOptions, progress?: (progress: Progress) => void): Promise<unknown> {
  const id = nextId();
  const signal = options?.signal;
  const all = theCalls();
  const stop = signal && ((): void => all.cancel(id));
  let answer: unknown;
  try {
    start(id, options?.timeoutMs ?? null, flagsOf(options, progress !== undefined));
    if (waiting.size === 0) {
      all.hold(true);
    }
    if (stop) {
      signal.addEventListener('abort', stop, { once: true });
    }
    answer = await new Promise((settle) => waiting.set(id, { settle, progress }));
  } catch (thrown) {
    throw lift(thrown);
  } finally {
    if (stop) {
      signal.removeEventListener('abort', stop);
    }
  }
  if (!(answer instanceof Failed)) {
    return answer;
  }
  if (answer.text === undefined) {
    throw answer.thrown;
  }
  const details = JSON.parse(answer.text) as ErrorDetails;
  const byTheSignal = details.kind === 'cancelled' && signal?.aborted;
  throw new KooPhoneError(details, byTheSignal ? { cause: signal.reason } : undefined);
}

function flagsOf(options: AnswerOptions | undefined, cancellable: boolean): number {
  let flags = cancellable ? Flag.Cancellable : 0;
  if (options?.repeatable) flags |= Flag.Repeatable;
  if (options?.raiseForErrors) flags |= Flag.RaiseForErrors;
  if (options?.signal) flags |= options.signal.aborted ? Flag.Cancelled : Flag.Cancellable;
  return flags;
}

/** Gives a log a number, for as long as `owner` lives. */
export function numberLog(sink: (record: LogRecord) => void, owner: object): number {
  const id = nextId();
  logs.set(id, sink);
  owners.register(owner, id);
  return id;
}

const owners = new FinalizationRegistry<number>((id) => logs.delete(id));
