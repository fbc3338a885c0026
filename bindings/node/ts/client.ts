import { nativeCalls, nextId, setLog, type LogRecord } from './calls.js';
import { checkFields, checkKind } from './checks.js';
import { nativeCredentials, type Credentials } from './credentials.js';
import { lifting } from './errors.js';
import { LOG_LEVELS, type LogLevel, type Stats } from './generated/model.js';
import { Operations } from './generated/operations.js';
import { SETTING_KINDS, type ClientSettings, type CredentialFields } from './generated/settings.js';
import { snake } from './names.js';
import { native, type NativeClient } from './native.js';
import { DeviceToken } from './player.js';
import { Task, type TaskText } from './task.js';

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

const CLIENT_OPTIONS = {
  credentials: 'object',
  environment: 'object',
  log: 'function',
  logLevel: LOG_LEVELS,
  ...SETTING_KINDS,
} as const;

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
export class Client extends Operations {
  readonly #native: NativeClient;
  readonly #logId: number;

  /**
   * Checks the configuration. Nothing is sent.
   *
   * @throws {@link KooPhoneError} of kind `invalid_argument` or `configuration`.
   */
  constructor(options: ClientOptions = {}) {
    checkFields(options, CLIENT_OPTIONS);
    const { credentials, environment, log, logLevel, ...settings } = options;
    const level = logLevel ?? 'info';
    const variables = variablePairs(environment ?? process.env);
    const logId = nextId();
    const client = lifting(
      () =>
        new (native().NativeClient)(
          nativeCalls(),
          settingPairs(settings),
          nativeCredentials(credentials),
          variables,
          logId,
          log ? level : null,
        ),
    );
    super(client);
    this.#native = client;
    this.#logId = logId;
    this.setLog(log, level);
  }

  /** Sends what the client does from now on to `log`, up to `level`; without `log` logging ends. */
  setLog(log: ((record: LogRecord) => void) | null | undefined, level: LogLevel = 'info'): void {
    checkKind('logLevel', level, LOG_LEVELS);
    if (log) {
      checkKind('log', log, 'function');
    }
    setLog(this.#logId, log ?? undefined, this);
    this.#native.setLogLevel(log ? level : null);
  }

  /**
   * Resumes a task, perhaps in another process: `saved` is what {@link Task.save} gave, or one or more bare task ids
   * with commas between. Nothing is sent.
   */
  resumeTask(saved: string): Task {
    checkKind('saved', saved, 'string');
    return new Task(this.#native, JSON.parse(lifting(() => this.#native.resumeTask(saved))) as TaskText);
  }

  /** The device token of one phone, which is renewed before it ends. Nothing is sent yet. */
  deviceToken(instanceId: string): DeviceToken {
    checkKind('instanceId', instanceId, 'string');
    return new DeviceToken(this.#native.deviceToken(instanceId));
  }

  /** What the client has done in this process. Takes no lock and sends nothing. */
  stats(): Stats {
    return JSON.parse(this.#native.stats()) as Stats;
  }
}

/** Settings as the core takes them: name, text, name, text, ... */
function settingPairs(settings: ClientSettings): string[] {
  return Object.entries(settings).flatMap(([name, value]: [string, unknown]) => {
    const kind = SETTING_KINDS[name as keyof ClientSettings];
    if (value === undefined || value === null) {
      return [];
    }
    const isTime = kind === 'limit' || kind === 'milliseconds';
    return isTime ? [snake(name.slice(0, -2)), time(value as number)] : [snake(name), String(value)];
  });
}

/** As the core writes times: with a unit, or in seconds where there are fractions. */
function time(milliseconds: number): string {
  if (milliseconds === Infinity) {
    return 'none';
  }
  return Number.isInteger(milliseconds) ? `${milliseconds}ms` : String(milliseconds / 1000);
}

function variablePairs(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    if (value === undefined || value === null) {
      return [];
    }
    checkKind(`environment.${name}`, value, 'string');
    return [name, value];
  });
}
