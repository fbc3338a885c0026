import { EventEmitter, on } from 'node:events';

import { call, CALL_OPTIONS, callFleet, FLEET_OPTIONS, type CallOptions, type FleetOptions, type Start } from './calls.js';
import * as check from './checks.js';
import { withErrors } from './errors.js';
import type { JobResult, Progress, TaskPhone, TaskStatus } from './generated/model.js';
import type { NativeClient } from './generated/native.js';

/** How to wait for a task. */
export interface WaitOptions extends FleetOptions {
  /** Told once at the beginning and then at every change. What it throws ends the wait. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** A task as the addon reports it. */
export interface TaskText {
  readonly operation: string;
  readonly taskIds: readonly string[];
  readonly phones: readonly TaskPhone[];
  readonly canBeFollowed: boolean;
  readonly saved: string;
}

/**
 * A command or reset under way on many phones. It holds the only record of which job belongs to which phone: keep it,
 * or {@link Task.save} it.
 *
 * @example
 * ```ts
 * const task = await client.startCommand(ids, 'pm install /sdcard/game.apk');
 * for await (const { succeeded, total } of task) console.log(`${succeeded} of ${total}`);
 * const results = await task.wait();
 * ```
 */
export class Task implements AsyncIterable<Progress> {
  /** Which operation started it: `start_command`, `reset_instances`, or `unknown` for a bare id. */
  readonly operation: string;
  /** The service's task ids: one per request that was sent. */
  readonly taskIds: readonly string[];
  /** One entry per phone, in the order asked; empty for a task resumed from a bare id. */
  readonly phones: readonly TaskPhone[];
  /** Whether the service gave anything to follow. Older services accept a reset without a task. */
  readonly canBeFollowed: boolean;
  readonly #saved: string;
  readonly #client: NativeClient;

  /** @internal */
  constructor(client: NativeClient, text: TaskText, signal?: AbortSignal | null) {
    this.operation = text.operation;
    this.taskIds = text.taskIds;
    this.phones = withErrors(text.phones, signal);
    this.canBeFollowed = text.canBeFollowed;
    this.#saved = text.saved;
    this.#client = client;
  }

  /**
   * The task as one line of letters, digits, `-`, `_` and `.`, for a file, a database or another process. Holds no
   * secret. {@link Client.resumeTask} resumes it.
   */
  save(): string {
    return this.#saved;
  }

  /** Reads the state of every job once: `tasks/{task_id}`. */
  async poll(options?: CallOptions): Promise<TaskStatus> {
    check.fields(options, CALL_OPTIONS);
    const status = (await call((...header) => this.#client.pollTask(...header, this.#saved), options)) as TaskStatus;
    withErrors(status.jobs);
    return status;
  }

  /**
   * Waits until every job has ended: one {@link JobResult} per phone, in the order asked.
   *
   * Reads with growing intervals (0.1 s to 5 s); short outages of the service are waited out. When `timeoutMs` is over
   * the error has kind `timeout` and `lastJobs`; the task itself continues and can be waited for again. Such a rejection
   * is about the waiting: it says nothing of what the phones do.
   */
  async wait(options?: WaitOptions): Promise<JobResult[]> {
    check.fields(options, { ...FLEET_OPTIONS, onProgress: check.callback });
    const onProgress = options?.onProgress ?? undefined;
    const start: Start = (...header) => this.#client.waitForTask(...header, this.#saved, onProgress !== undefined);
    return callFleet(start, options, onProgress);
  }

  /**
   * Every change of the progress until all jobs have ended. Leaving the loop stops the reading, not the task. Changes
   * that come while the loop's body is busy are not lost.
   */
  progress(options?: CallOptions): AsyncGenerator<Progress, void, undefined> {
    check.fields(options, CALL_OPTIONS);
    return this.#progress(options);
  }

  async *#progress(options: CallOptions | undefined): AsyncGenerator<Progress, void, undefined> {
    const [changes, stop] = [new EventEmitter(), new AbortController()];
    const abort = (): void => stop.abort(options?.signal?.reason);
    options?.signal?.addEventListener('abort', abort, { once: true, signal: stop.signal });
    if (options?.signal?.aborted) {
      abort();
    }
    const seen = on(changes, 'progress', { close: ['end'] });
    const onProgress = (progress: Progress): void => void changes.emit('progress', progress);
    const end = this.wait({ ...options, signal: stop.signal, onProgress }).finally(() => changes.emit('end'));
    // Whoever leaves the loop does not want to hear how it ended.
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
