import { type AnswerOptions, type CallOptions, type LogLevel, type LogRecord } from './calls.js';
import { type Credentials } from './credentials.js';
import { type CommandResult, type DeviceAuthorization, type Identity, type InstanceOutcome, type InstanceStatus, type TaskStatus } from './model.js';
import type { ClientSettings, CredentialFields } from './options.js';
import { Task } from './task.js';
import { VideoSettings, type VideoSetting } from './video.js';
/** The configuration of a client. */
export interface ClientOptions extends ClientSettings {
    /** Who calls. Without it the provider chain looks: environment, profile file, metadata service. */
    readonly credentials?: Credentials | CredentialFields | undefined;
    /** Replaces `process.env`, from which settings and credentials are taken that are not given here; `{}` ignores it. */
    readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
    /** Is told what the client does, up to `logLevel`. */
    readonly log?: ((record: LogRecord) => void) | undefined;
    /** The least important level that `log` is told; `info` by default. */
    readonly logLevel?: LogLevel | undefined;
}
/**
 * A client of Huawei Cloud KooPhone. Its methods give Promises and never block the event loop; a Promise fails with a
 * {@link KooPhoneError}. n phones asked, n answers, in the order asked; a phone's own failure stands in its answer.
 *
 * @example
 * ```ts
 * const client = new Client({ region: 'cn-north-4', credentials: { accessKey, secretKey } });
 * for (const { instanceId, output } of await client.runCommand(ids, 'getprop ro.product.model')) {
 *   console.log(instanceId, output);
 * }
 * ```
 */
export declare class Client {
    #private;
    /**
     * Checks the configuration. Nothing is sent.
     *
     * @throws {@link KooPhoneError} of kind `invalid_argument` or `configuration`.
     */
    constructor(options?: ClientOptions);
    /**
     * Runs a shell command on every phone and waits for every result: `sync-command`.
     *
     * For short commands: the gateway gives up after a time, and then the outcome is unknown. Never repeated once it may have
     * run, unless `repeatable` is set.
     */
    runCommand(instanceIds: readonly string[], command: string, options?: AnswerOptions): Promise<CommandResult[]>;
    /** Starts a shell command on every phone: `async-command`. {@link Task.wait} follows it. */
    startCommand(instanceIds: readonly string[], command: string, options?: CallOptions): Promise<Task>;
    /**
     * Reads the state of all jobs of one task: `tasks/{task_id}`.
     *
     * The service's answer names jobs, not phones; a {@link Task} knows which is which.
     */
    getTask(taskId: string, options?: CallOptions): Promise<TaskStatus>;
    /** Sets bit rates and frame rates of the video stream: `video-setting`. */
    setVideoSettings(instanceIds: readonly string[], video: VideoSettings | readonly VideoSetting[], options?: AnswerOptions): Promise<InstanceOutcome[]>;
    /** Reads the state of phones: `batch-query-status`. */
    queryStatus(instanceIds: readonly string[], options?: AnswerOptions): Promise<InstanceStatus[]>;
    /**
     * Returns phones to factory state: `batch-reset`. **User data is lost.**
     *
     * The {@link Task} can be followed where the service gives one ({@link Task.canBeFollowed}); older services only accept.
     * Never repeated once it may have run, unless `repeatable` is set.
     */
    resetInstances(instanceIds: readonly string[], options?: CallOptions): Promise<Task>;
    /**
     * Gets the credential and addresses to stream from one phone: `{instance_id}/auth`.
     *
     * Printing the answer shows `***` in the place of secrets; `JSON.stringify` writes them.
     */
    getDeviceToken(instanceId: string, options?: CallOptions): Promise<DeviceAuthorization>;
    /**
     * Takes up a task again, perhaps in another process: `saved` is what {@link Task.save} gave, or one or more bare task ids
     * with commas between. Nothing is sent.
     */
    resumeTask(saved: string): Task;
    /** Makes sure that there is a credential, logging in if necessary, and says whose it is. */
    login(options?: CallOptions): Promise<Identity>;
}
