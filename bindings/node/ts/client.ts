import { call, callFleet, checkCall, checkFleet, LOG_LEVELS, nextId, setLog, theCalls } from './calls.js';
import type { CallOptions, FleetOptions, LogLevel, LogRecord } from './calls.js';
import { A, checkNames, checkValue, idsJson, refuse, unknown, type Checks } from './checks.js';
import { nativeCredentials, type Credentials } from './credentials.js';
import { lifting } from './errors.js';
import {
  SECRETS,
  type CommandResult,
  type DeviceAuthorization,
  type Identity,
  type InstanceOutcome,
  type InstanceStatus,
  type TaskStatus,
} from './model.js';
import { snake } from './names.js';
import { native, type NativeClient } from './native.js';
import { SETTING_KINDS, type ClientSettings, type CredentialFields } from './options.js';
import { Task, withJobs, type TaskText } from './task.js';
import { videoJson, type VideoSetting, type VideoSettings } from './video.js';

/** The configuration of a client. A name that is not among these is refused. */
export interface ClientOptions extends ClientSettings {
  /** Who calls. Without it the provider chain looks: environment, profile file, metadata service. */
  readonly credentials?: Credentials | CredentialFields | undefined;
  /** Replaces `process.env`, from which settings and credentials are taken that are not given here; `{}` ignores it. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Receives what the client does, up to `logLevel`. {@link Client.setLog} changes it. */
  readonly log?: ((record: LogRecord) => void) | undefined;
  /** The least important level that `log` receives; `info` by default. */
  readonly logLevel?: LogLevel | undefined;
}

const SETTINGS: Checks = Object.fromEntries(Object.entries(SETTING_KINDS).map(([name, kind]) => [name, A[kind]]));
const CLIENT_OPTIONS: Checks = {
  credentials: A.object,
  environment: A.object,
  log: A.function,
  logLevel: A.string,
  ...SETTINGS,
};

/**
 * A client of Huawei Cloud KooPhone. Its methods return Promises and never block the event loop; a Promise is rejected
 * with a {@link KooPhoneError}. n phones asked, n answers, in the order asked.
 *
 * **A rejection means that nothing happened on any phone; otherwise a list is returned and each phone has its result
 * or its error** (`outcome_unknown`, a deadline or an abort in mid-flight included), however many batches. Calls about
 * one phone reject. The option `check` makes an exception of the first error in the list.
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
  readonly #logId = nextId();

  /**
   * Checks the configuration. Nothing is sent.
   *
   * @throws {@link KooPhoneError} of kind `invalid_argument` or `configuration`.
   */
  constructor(options: ClientOptions = {}) {
    checkNames(options, CLIENT_OPTIONS);
    const { credentials, environment, log, logLevel, ...settings } = options;
    const level = logLevel ?? 'info';
    checkLevel(level);
    const variables = variablePairs(environment ?? process.env);
    this.#native = lifting(
      () =>
        new (native().NativeClient)(
          theCalls(),
          settingPairs(settings),
          nativeCredentials(credentials),
          variables,
          this.#logId,
          log ? level : null,
        ),
    );
    this.setLog(log, level);
  }

  /** Sends what the client does from now on to `log`, up to `level`; without `log` logging ends. */
  setLog(log: ((record: LogRecord) => void) | null | undefined, level: LogLevel = 'info'): void {
    checkLevel(level);
    if (log) {
      checkValue('log', log, A.function);
    }
    setLog(this.#logId, log ?? undefined, this);
    this.#native.setLogLevel(log ? level : null);
  }

  /**
   * Runs a shell command on every phone and waits for every result: `sync-command`.
   *
   * For short commands: the gateway gives up after a time, and then the outcome is unknown. Never repeated once it may
   * have run, unless `repeatable` is set.
   *
   * A command has at most 1,024 bytes. The service documents letters, digits, blank and `_ . / : -` in it and may
   * refuse others; with `strictCommands` they are refused before anything is sent.
   *
   * A rejection means that nothing happened on any phone; otherwise a list is returned and each phone has its result
   * or its error (`outcome_unknown`, a deadline or an abort in mid-flight included), however many batches.
   */
  async runCommand(instanceIds: readonly string[], command: string, options?: FleetOptions): Promise<CommandResult[]> {
    const ids = idsJson(instanceIds);
    checkValue('command', command, A.string);
    checkFleet(options);
    return callFleet((...said) => this.#native.runCommand(...said, ids, command), options);
  }

  /**
   * Starts a shell command on every phone: `async-command`. {@link Task.wait} follows it.
   *
   * A command has at most 1,024 bytes. The service documents letters, digits, blank and `_ . / : -` in it and may
   * refuse others; with `strictCommands` they are refused before anything is sent.
   *
   * A rejection means that nothing happened on any phone; otherwise a task is returned, and each of its `phones` has
   * its job or its error (`outcome_unknown`, a deadline or an abort in mid-flight included), however many batches.
   * With `check` the phones that did start keep running: the `results` of the error name their tasks and jobs.
   */
  async startCommand(instanceIds: readonly string[], command: string, options?: FleetOptions): Promise<Task> {
    const ids = idsJson(instanceIds);
    checkValue('command', command, A.string);
    checkFleet(options);
    const text = await call((...said) => this.#native.startCommand(...said, ids, command), options);
    return new Task(this.#native, text as TaskText, options?.signal);
  }

  /**
   * Reads the state of all jobs of one task: `tasks/{task_id}`.
   *
   * The service's answer names jobs, not phones; a {@link Task} knows which is which.
   */
  async getTask(taskId: string, options?: CallOptions): Promise<TaskStatus> {
    checkValue('taskId', taskId, A.string);
    checkCall(options);
    const status = await call((...said) => this.#native.getTask(...said, taskId), options);
    return withJobs(status as TaskStatus);
  }

  /**
   * Sets bit rates and frame rates of the video stream: `video-setting`.
   *
   * A rejection means that nothing happened on any phone; otherwise a list is returned and each phone has its result
   * or its error (`outcome_unknown`, a deadline or an abort in mid-flight included), however many batches.
   */
  async setVideoSettings(
    instanceIds: readonly string[],
    videoSettings: VideoSettings | readonly VideoSetting[],
    options?: FleetOptions,
  ): Promise<InstanceOutcome[]> {
    const ids = idsJson(instanceIds);
    const json = videoJson(videoSettings);
    checkFleet(options);
    return callFleet((...said) => this.#native.setVideoSettings(...said, ids, json), options);
  }

  /**
   * Reads the state of phones: `batch-query-status`.
   *
   * A rejection means that nothing happened on any phone; otherwise a list is returned and each phone has its result
   * or its error (`outcome_unknown`, a deadline or an abort in mid-flight included), however many batches.
   */
  async queryStatus(instanceIds: readonly string[], options?: FleetOptions): Promise<InstanceStatus[]> {
    const ids = idsJson(instanceIds);
    checkFleet(options);
    return callFleet((...said) => this.#native.queryStatus(...said, ids), options);
  }

  /**
   * Returns phones to factory state: `batch-reset`. **User data is lost.**
   *
   * The {@link Task} can be followed where the service gives one ({@link Task.canBeFollowed}); older services only
   * accept. Never repeated once it may have run, unless `repeatable` is set.
   *
   * A rejection means that nothing happened on any phone; otherwise a task is returned, and each of its `phones` has
   * its job or its error (`outcome_unknown`, a deadline or an abort in mid-flight included), however many batches.
   * With `check` the phones that did start keep running: the `results` of the error name their tasks and jobs.
   */
  async resetInstances(instanceIds: readonly string[], options?: FleetOptions): Promise<Task> {
    const ids = idsJson(instanceIds);
    checkFleet(options);
    const text = await call((...said) => this.#native.resetInstances(...said, ids), options);
    return new Task(this.#native, text as TaskText, options?.signal);
  }

  /**
   * Gets the credential and addresses to stream from one phone: `{instance_id}/auth`.
   *
   * Printing the answer shows `***` in the place of secrets; `JSON.stringify` writes them.
   */
  async getDeviceToken(instanceId: string, options?: CallOptions): Promise<DeviceAuthorization> {
    checkValue('instanceId', instanceId, A.string);
    checkCall(options);
    const answer = await call((...said) => this.#native.getDeviceToken(...said, instanceId), options);
    return hiding(answer as DeviceAuthorization, SECRETS.DeviceAuthorization);
  }

  /**
   * Takes up a task again, perhaps in another process: `saved` is what {@link Task.save} gave, or one or more bare
   * task ids with commas between. Nothing is sent.
   */
  resumeTask(saved: string): Task {
    checkValue('saved', saved, A.string);
    return new Task(this.#native, JSON.parse(lifting(() => this.#native.resumeTask(saved))) as TaskText);
  }

  /** Makes sure that there is a credential, logging in if necessary, and says whose it is. */
  async login(options?: CallOptions): Promise<Identity> {
    checkCall(options);
    return (await call((...said) => this.#native.login(...said), options)) as Identity;
  }
}

/** Settings as the core takes them: name, text, name, text, ... */
function settingPairs(settings: ClientSettings): string[] {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined && value !== null);
  return given.flatMap(([name, value]: [string, unknown]) => {
    if (name.endsWith('Ms')) {
      return [snake(name.slice(0, -2)), value === Infinity ? 'none' : milliseconds(value as number)];
    }
    return [snake(name), String(value)];
  });
}

/** As the core writes times: with a unit, or in seconds where there are fractions. */
function milliseconds(value: number): string {
  return Number.isInteger(value) ? `${value}ms` : String(value / 1000);
}

function variablePairs(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    if (value === undefined || value === null) {
      return [];
    }
    checkValue(`environment.${name}`, value, A.string);
    return [name, value];
  });
}

function checkLevel(level: LogLevel): void {
  checkValue('logLevel', level, A.string);
  if (!LOG_LEVELS.includes(level)) {
    refuse('logLevel', unknown(level, LOG_LEVELS, 'log level'));
  }
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Plain data that prints, and becomes JSON, without its secrets. */
function hiding<T extends object>(data: T, secret: readonly (keyof T)[]): T {
  const hidden = Object.fromEntries(secret.map((name) => [name, '***']));
  const shown = (): object => ({ ...data, ...hidden });
  const print = (_depth: number, options: object, inspect: (value: object, options: object) => string): string =>
    inspect(shown(), options);
  return Object.defineProperties(data, { [INSPECT]: { value: print }, toJSON: { value: shown } });
}
