import { EventEmitter, on } from 'node:events';

import * as check from './checks.js';
import { TaskCalls } from './generated/handles.js';
import type { Progress } from './generated/model.js';
import { CALL_OPTIONS, type CallOptions } from './generated/options.js';

/**
 * A command or reset in progress on many phones. It has the only record of which job belongs to which phone: keep it,
 * or {@link Task.save} it.
 *
 * @example
 * ```ts
 * const task = await client.startCommand(ids, 'pm install /sdcard/game.apk');
 * for await (const { succeeded, total } of task) console.log(`${succeeded} of ${total}`);
 * const results = await task.wait();
 * ```
 */
export class Task extends TaskCalls implements AsyncIterable<Progress> {
  /**
   * Every change of the progress until all jobs have ended. Leaving the loop stops the reading, not the task. Changes
   * during the loop's body are not lost.
   */
  progress(options?: CallOptions): AsyncGenerator<Progress, void, undefined> {
    check.fields(options, CALL_OPTIONS);
    return this.#progress(options);
  }

  async *#progress(options: CallOptions | undefined): AsyncGenerator<Progress, void, undefined> {
    const [changes, stop] = [new EventEmitter(), new AbortController()];
    const abort = (): void => stop.abort(options?.signal?.reason);
    options?.signal?.addEventListener('abort', abort, { once: true, signal: stop.signal });
    if (options?.signal?.aborted) abort();
    const seen = on(changes, 'progress', { close: ['end'] });
    const onProgress = (progress: Progress): void => void changes.emit('progress', progress);
    const end = this.wait({ ...options, signal: stop.signal, onProgress }).finally(() => changes.emit('end'));
    // A loop that was left does not need the outcome.
    end.catch(() => {});
    try {
      for await (const [progress] of seen) {
        yield progress as Progress;
      }
      await end;
    } finally {
      stop.abort();
    }
  }

  /** {@link Task.progress} with the usual options. */
  [Symbol.asyncIterator](): AsyncGenerator<Progress, void, undefined> {
    return this.progress();
  }
}
