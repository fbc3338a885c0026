import { inspect } from 'node:util';

import { call, numberLog, theCalls, type AnswerOptions, type CallOptions, type LogLevel, type LogRecord } from './calls.js';
import { nativeCredentials, type Credentials } from './credentials.js';
import { lifting, withErrors } from './errors.js';
import {
  SECRETS,
  type CommandResult,
  type DeviceAuthorization,
  type Identity,
  type InstanceOutcome,
  type InstanceStatus,
  type TaskStatus,
} from './model.js';
import { snake, snakeJson } from './names.js';
import { native, type NativeClient } from './native.js';
import type { ClientSettings, CredentialFields } from './options.js';
import { Task, withJobs, type TaskText } from './task.js';
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
export class Client {
  readonly #native: NativeClient;

  /**
   * Checks the configuration. Nothing is sent.
   *
   * @throws {@link KooPhoneError} of kind `invalid_argument` or `configuration`.
   */
  constructor(options: ClientOptions = {}) {
    const { credentials, environment, log, logLevel, ...settings } = options;
    const logTarget = log ? { id: numberLog(log, this), level: logLevel ?? 'info' } : null;
    this.#native = lifting(
      () =>
        new (native().NativeClient)(
          theCalls(),
          settingPairs(settings),
          nativeCredentials(credentials),
          variablePairs(environment ?? process.env),
          logTarget,
        ),
    );
  }

  /**
   * Runs a shell command on every phone and waits for every result: `sync-command`.
   *
   * For short commands: the gateway gives up after a time, and then the outcome is unknown. Never repeated once it may have
   * run, unless `repeatable` is set.
   */
  async runCommand(instanceIds: readonly string[], command: string, options?: AnswerOptions): Promise<CommandResult[]> {
    const results = await call((...said) => this.#native.runCommand(...said, JSON.stringify(instanceIds), command), options);
    return withErrors(results as CommandResult[]);
  }

  /** Starts a shell command on every phone: `async-command`. {@link Task.wait} follows it. */
  async startCommand(instanceIds: readonly string[], command: string, options?: CallOptions): Promise<Task> {
    const text = await call((...said) => this.#native.startCommand(...said, JSON.stringify(instanceIds), command), options);
    return new Task(this.#native, text as TaskText);
  }

  /**
   * Reads the state of all jobs of one task: `tasks/{task_id}`.
   *
   * The service's answer names jobs, not phones; a {@link Task} knows which is which.
   */
  async getTask(taskId: string, options?: CallOptions): Promise<TaskStatus> {
    const status = await call((...said) => this.#native.getTask(...said, taskId), options);
    return withJobs(status as TaskStatus);
  }

  /** Sets bit rates and frame rates of the video stream: `video-setting`. */
  async setVideoSettings(
    instanceIds: readonly string[],
    video: VideoSettings | readonly VideoSetting[],
    options?: AnswerOptions,
  ): Promise<InstanceOutcome[]> {
    const json = snakeJson(video instanceof VideoSettings ? video.settings : video);
    const outcomes = await call(
      (...said) => this.#native.setVideoSettings(...said, JSON.stringify(instanceIds), json),
      options,
    );
    return withErrors(outcomes as InstanceOutcome[]);
  }

  /** Reads the state of phones: `batch-query-status`. */
  async queryStatus(instanceIds: readonly string[], options?: AnswerOptions): Promise<InstanceStatus[]> {
    const statuses = await call((...said) => this.#native.queryStatus(...said, JSON.stringify(instanceIds)), options);
    return withErrors(statuses as InstanceStatus[]);
  }

  /**
   * Returns phones to factory state: `batch-reset`. **User data is lost.**
   *
   * The {@link Task} can be followed where the service gives one ({@link Task.canBeFollowed}); older services only accept.
   * Never repeated once it may have run, unless `repeatable` is set.
   */
  async resetInstances(instanceIds: readonly string[], options?: CallOptions): Promise<Task> {
    const text = await call((...said) => this.#native.resetInstances(...said, JSON.stringify(instanceIds)), options);
    return new Task(this.#native, text as TaskText);
  }

  /**
   * Gets the credential and addresses to stream from one phone: `{instance_id}/auth`.
   *
   * Printing the answer shows `***` in the place of secrets; `JSON.stringify` writes them.
   */
  async getDeviceToken(instanceId: string, options?: CallOptions): Promise<DeviceAuthorization> {
    const answer = await call((...said) => this.#native.getDeviceToken(...said, instanceId), options);
    return hiding(answer as DeviceAuthorization, SECRETS.DeviceAuthorization);
  }

  /**
   * Takes up a task again, perhaps in another process: `saved` is what {@link Task.save} gave, or one or more bare task ids
   * with commas between. Nothing is sent.
   */
  resumeTask(saved: string): Task {
    return new Task(this.#native, JSON.parse(lifting(() => this.#native.resumeTask(saved))) as TaskText);
  }

  /** Makes sure that there is a credential, logging in if necessary, and says whose it is. */
  async login(options?: CallOptions): Promise<Identity> {
    return (await call((...said) => this.#native.login(...said), options)) as Identity;
  }
}

/** Settings as the core takes them: name, text, name, text, ... */
function settingPairs(settings: ClientSettings): string[] {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined && value !== null);
  return given.flatMap(([name, value]: [string, unknown]) => {
    if (name.endsWith('Ms') && typeof value === 'number') {
      // The core reads a number as seconds.
      return [snake(name.slice(0, -2)), value === Infinity ? 'none' : String(value / 1000)];
    }
    return [snake(name), String(value)];
  });
}

function variablePairs(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
}

/** Plain data that prints without its secrets. */
function hiding<T extends object>(data: T, secret: readonly (keyof T)[]): T {
  const hidden = Object.fromEntries(secret.map((name) => [name, '***']));
  const print = (_depth: number, options: object): string => inspect({ ...data, ...hidden }, options);
  return Object.defineProperty(data, inspect.custom, { value: print, enumerable: false });
}
