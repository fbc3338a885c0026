/** Calls in progress: a number for each, and the Promise that waits for it. One instance per thread, like the addon. */

import { setMaxListeners } from 'node:events';

import { refuse } from './checks.js';
import { lift, withErrors, type KooPhoneError } from './errors.js';
import type { Progress } from './generated/model.js';
import { EventKind, type Calls, type NativeSource } from './generated/native.js';
import type { FleetOptions, WaitOptions } from './generated/options.js';
import { native } from './native.js';

/** Starts a call. */
export type Start = (...header: Parameters<NativeSource['ask']>) => void;

type OnProgress = WaitOptions['onProgress'];
type Predicate = (text: string) => boolean | Promise<boolean>;
type Listener = (kind: EventKind, text: string, printed: string) => void;

/** By number: who waits for a call, and who reads a log. */
const listeners = new Map<number, Listener>();
let calls: Calls | undefined;
let last = 0;
let open = 0;

/** The addon's side of the calls of this thread. */
export function nativeCalls(): Calls {
  return (calls ??= new (native().Calls)((id, ...event) => listeners.get(id)?.(...event)));
}

/** Passes the addon's events with this number to `listener`; without a listener, they are ignored. */
export function listen(id: number, listener?: Listener): void {
  if (listener) listeners.set(id, listener);
  else listeners.delete(id);
}

/** A number that no call in progress has. */
export function nextId(): number {
  return (last = (last + 1) % 0x1_0000_0000);
}

/** {@link call} for one result per phone. */
export async function callFleet<T extends { readonly error: KooPhoneError | null }>(
  start: Start, options?: FleetOptions, onProgress?: OnProgress, predicate?: Predicate,
): Promise<T[]> {
  return withErrors((await call(start, options, onProgress, predicate)) as T[], options?.signal);
}

/**
 * Makes a call, whose options have been checked, and returns its result, read from JSON. Only the core decides when it
 * ends, also after a signal. The error is made here, after the wait, so that its stack shows the callers.
 */
export async function call(
  start: Start, options?: FleetOptions, onProgress?: OnProgress, predicate?: Predicate,
): Promise<unknown> {
  const [id, all, { signal, timeoutMs, repeatable, check, traceparent }] = [nextId(), nativeCalls(), options ?? {}];
  const token = signal || onProgress || predicate ? all.cancelToken() : null;
  const cancel = (): void => token?.cancel();
  if (signal?.aborted) cancel();
  if (signal) share(signal);
  signal?.addEventListener('abort', cancel, { once: true });
  if (open++ === 0) all.hold(true);
  try {
    return await new Promise((resolve, reject) => {
      const stop = (thrown: unknown): void => {
        cancel();
        reject(thrown);
      };
      listen(id, (kind, text, printed) => {
        try {
          // It may be an async function all the same.
          if (kind === EventKind.Progress) Promise.resolve(onProgress?.(JSON.parse(text) as Progress)).catch(stop);
          else if (kind === EventKind.Question) decide(text, predicate!).then((yes) => token?.reply(yes), stop);
          else if (kind === EventKind.Result) resolve(read(text, printed));
          else reject({ message: text });
        } catch (thrown) {
          stop(thrown);
        }
      });
      start(id, timeoutMs ?? null, repeatable ?? false, check ?? false, traceparent ?? null, token);
    });
  } catch (thrown) {
    throw lift(thrown, signal);
  } finally {
    listen(id);
    if (--open === 0) all.hold(false);
    signal?.removeEventListener('abort', cancel);
  }
}

/** One signal for the calls of many phones is no leak, of which Node would warn: each call removes its listener. */
function share(signal: AbortSignal): void {
  try {
    setMaxListeners(Infinity, signal);
  } catch {
    // A signal that is not Node's own has no such limit.
  }
}

/** What a predicate says of each text. A function that returns nothing was not meant. */
async function decide(texts: string, predicate: Predicate): Promise<boolean[]> {
  return Promise.all((JSON.parse(texts) as string[]).map(async (text) => {
    const decided: unknown = await predicate(text);
    const isGenerator = typeof (decided as Iterator<unknown> | null)?.next === 'function';
    if (decided === undefined || isGenerator) refuse('predicate', 'predicate must return true or false');
    return Boolean(decided);
  }));
}

/**
 * A result from its JSON, and from the outputs of commands if they are separate: the JSON then has their lengths.
 */
function read(text: string, printed: string): unknown {
  const result: unknown = JSON.parse(text);
  if (printed !== '') {
    let from = 0;
    for (const item of result as { output: string }[]) {
      const to = from + Number(item.output);
      item.output = printed.slice(from, to);
      from = to;
    }
  }
  return result;
}
