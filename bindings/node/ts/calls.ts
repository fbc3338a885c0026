/** Calls under way: a number for each, and the Promise that waits for it. One instance per thread, as the addon's. */

import { lift, made, withErrors, type KooPhoneError } from './errors.js';
import type { ErrorDetails, LogLevel, Progress } from './generated/model.js';
import type { CallHeader } from './generated/native-methods.js';
import { EventKind, Flag, native, type NativeCalls } from './native.js';

/** Options of any call. A name that is not among these is refused. */
export interface CallOptions {
  /**
   * Cancels the call: it ends at once. If nothing has happened on any phone it fails with kind `cancelled`, with the
   * signal's reason as its `cause`; otherwise a fleet's call still returns its list, with the result or the error of
   * each phone. What was already sent may still run.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Total deadline in milliseconds, with all batches and repeats, instead of the client's `timeoutMs`. `Infinity`:
   * none.
   */
  readonly timeoutMs?: number | undefined;
  /** Your word that doing this twice does no harm: then it is repeated even when its outcome is unknown. */
  readonly repeatable?: boolean | undefined;
  /** The W3C trace context that the requests belong to, sent with each of them as the header `traceparent`. */
  readonly traceparent?: string | undefined;
}

/** Options of a call of many phones. */
export interface FleetOptions extends CallOptions {
  /**
   * Makes an exception of the first phone's error. It has that phone's `instanceId` and `output`, and all `results`;
   * its message says how many phones failed.
   */
  readonly check?: boolean | undefined;
}

export const CALL_OPTIONS = { signal: 'signal', timeoutMs: 'limit', repeatable: 'boolean',
    traceparent: 'string' } as const;
export const FLEET_OPTIONS = { ...CALL_OPTIONS, check: 'boolean' } as const;

/** A line of a client's log. Holds no secret, no command and no output. */
export interface LogRecord {
  /** How important it is. */
  readonly level: LogLevel;
  /** What happened, then `name=value` pairs. */
  readonly message: string;
}

/** Starts a call. */
export type Start = (...header: CallHeader) => void;

interface Waiting {
  readonly settle: (answer: unknown) => void;
  readonly progress: ((progress: Progress) => void) | undefined;
}

/** Why a call failed: details reported by the addon, or what a callback of the user's threw. */
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
export function nativeCalls(): NativeCalls {
  return (calls ??= new (native().Calls)(onNativeEvent));
}

/** The addon reports something, on the event loop. */
function onNativeEvent(id: number, kind: EventKind, text: string, printed: string): void {
  if (kind === EventKind.Log) {
    logs.get(id)?.(JSON.parse(text) as LogRecord);
    return;
  }
  const call = waiting.get(id);
  if (call === undefined) {
    return;
  }
  if (kind === EventKind.Progress) {
    try {
      call.progress?.(JSON.parse(text) as Progress);
    } catch (thrown) {
      nativeCalls().cancel(id);
      settle(id, call, new Failed(undefined, thrown));
    }
    return;
  }
  settle(id, call, kind === EventKind.Result ? read(text, printed) : new Failed(text));
}

/**
 * A result from its JSON, and from the outputs of commands where they came beside it: then their lengths stand there.
 */
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
    nativeCalls().hold(false);
  }
  call.settle(answer);
}

/** A number no call under way has. */
export function nextId(): number {
  last = (last + 1) % 0x1_0000_0000;
  return last;
}

/** {@link call} for one answer per phone. */
export async function callFleet<T extends { readonly error: KooPhoneError | null }>(
  start: Start,
  options?: FleetOptions,
  progress?: (progress: Progress) => void,
): Promise<T[]> {
  return withErrors((await call(start, options, progress)) as T[], options?.signal);
}

/**
 * Makes a call, whose options have been checked, and gives its answer, read from JSON. When it ends is the core's
 * decision alone, also after a signal. The error is made in here, after the wait, so that its stack names those who
 * wait.
 */
export async function call(
  start: Start,
  options?: FleetOptions,
  progress?: (progress: Progress) => void,
): Promise<unknown> {
  const id = nextId();
  const signal = options?.signal;
  const all = nativeCalls();
  const stop = signal && ((): void => all.cancel(id));
  let answer: unknown;
  try {
    start(id, options?.timeoutMs ?? null, flagsOf(options, progress !== undefined), options?.traceparent ?? null);
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
  throw made(JSON.parse(answer.text) as ErrorDetails, signal);
}

function flagsOf(options: FleetOptions | undefined, cancellable: boolean): number {
  let flags = cancellable ? Flag.Cancellable : 0;
  if (options?.repeatable) flags |= Flag.Repeatable;
  if (options?.check) flags |= Flag.Check;
  if (options?.signal) flags |= options.signal.aborted ? Flag.Cancelled : Flag.Cancellable;
  return flags;
}

/** Sets where the log with a number goes, for as long as `owner` lives. */
export function setLog(id: number, sink: ((record: LogRecord) => void) | undefined, owner: object): void {
  owners.unregister(owner);
  if (sink === undefined) {
    logs.delete(id);
    return;
  }
  logs.set(id, sink);
  owners.register(owner, id, owner);
}

const owners = new FinalizationRegistry<number>((id) => logs.delete(id));
