import { type AnswerOptions, type CallOptions } from './calls.js';
import type { JobResult, Progress, TaskPhone, TaskStatus } from './model.js';
import type { NativeClient } from './native.js';
/** How to wait for a task. */
export interface WaitOptions extends AnswerOptions {
    /** Told once at the beginning and then at every change. What it throws ends the wait. */
    readonly onProgress?: ((progress: Progress) => void) | undefined;
}
/** A task as the addon tells it. */
export interface TaskText {
    readonly operation: string;
    readonly taskIds: readonly string[];
    readonly phones: readonly TaskPhone[];
    readonly canBeFollowed: boolean;
    readonly saved: string;
}
/**
 * A command or reset under way on many phones. It holds the only record of which job belongs to which phone: keep it, or
 * {@link Task.save} it.
 *
 * @example
 * ```ts
 * const task = await client.startCommand(ids, 'pm install /sdcard/game.apk');
 * for await (const { done, total } of task) console.log(`${done} of ${total}`);
 * const results = await task.wait();
 * ```
 */
export declare class Task implements AsyncIterable<Progress> {
    #private;
    /** Which operation started it: `start_command`, `reset_instances`, or `unknown` for a bare id. */
    readonly operation: string;
    /** The service's task ids: one per request that was sent. */
    readonly taskIds: readonly string[];
    /** One entry per phone, in the order asked; empty for a task resumed from a bare id. */
    readonly phones: readonly TaskPhone[];
    /** Whether the service gave anything to follow. Older services accept a reset without a task. */
    readonly canBeFollowed: boolean;
    /** @internal */
    constructor(client: NativeClient, text: TaskText);
    /**
     * The task as one line of letters, digits, `-`, `_` and `.`, for a file, a database or another process. Holds no secret.
     * {@link Client.resumeTask} takes it up.
     */
    save(): string;
    /** Reads the state of every job once: `tasks/{task_id}`. */
    poll(options?: CallOptions): Promise<TaskStatus>;
    /**
     * Waits until every job has ended: one {@link JobResult} per phone, in the order asked.
     *
     * Reads with growing intervals (0.1 s to 5 s); short outages of the service are waited out. When `timeoutMs` is over the
     * error has kind `timeout` and `lastJobs`; the task itself goes on and can be waited for again.
     */
    wait(options?: WaitOptions): Promise<JobResult[]>;
    /**
     * Every change of the progress until all jobs have ended. Leaving the loop stops the reading, not the task. Changes that
     * come while the loop's body is busy are not lost.
     */
    progress(options?: CallOptions): AsyncGenerator<Progress, void, undefined>;
    /** {@link Task.progress} with the usual options. */
    [Symbol.asyncIterator](): AsyncGenerator<Progress, void, undefined>;
}
/** A reading whose jobs' errors are errors. */
export declare function withJobs(status: TaskStatus): TaskStatus;
