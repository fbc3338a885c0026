import { listen, nativeCalls, nextId } from './calls.js';
import * as check from './checks.js';
import { nativeCredentials } from './credentials.js';
import { lifting } from './errors.js';
import type { LogLevel } from './generated/model.js';
import type { NativeClient } from './generated/native.js';
import { Operations } from './generated/operations.js';
import { CLIENT_OPTIONS, type ClientOptions } from './generated/options.js';
import { TIMES, type ClientSettings } from './generated/settings.js';
import { given, snake } from './names.js';
import { native } from './native.js';

/** A line of a client's log. Holds no secret, no command and no output. */
export interface LogRecord {
  /** How important it is. */
  readonly level: LogLevel;
  /** What happened, then `name=value` pairs. */
  readonly message: string;
}

/** The log of a client that no longer exists is not read. */
const clients = new FinalizationRegistry<number>((logId) => listen(logId));

/**
 * A client of Huawei Cloud KooPhone. Its methods return Promises and never block the event loop; a Promise is rejected
 * with a {@link KooPhoneError}. A call about n phones returns n results, in the order asked.
 *
 * **A rejection means that nothing was executed on any phone; otherwise a list is returned and each phone has its
 * result or its error** (including `outcome_unknown`, a deadline, or an abort during the call), regardless of the
 * number of batches. A call about one phone rejects. The option `check` throws the first error in the list.
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
    check.fields(options, CLIENT_OPTIONS);
    const { credentials, environment, log, logLevel, ...settings } = options;
    const level = logLevel ?? 'info';
    const [logId, logged] = [nextId(), log ? level : null];
    const variables = variablesOf(environment ?? process.env);
    const [all, texts, who] = [nativeCalls(), settingTexts(settings), nativeCredentials(credentials)];
    const client = lifting(() => new (native().NativeClient)(all, texts, who, variables, logId, logged));
    super(client);
    this.#native = client;
    this.#logId = logId;
    clients.register(this, logId);
    this.setLog(log, level);
  }

  /** Sends what the client does from now on to `log`, up to `level`; without `log` logging ends. */
  setLog(log: ((record: LogRecord) => void) | null | undefined, level: LogLevel = 'info'): void {
    check.fields({ log, logLevel: level }, CLIENT_OPTIONS);
    listen(this.#logId, log ? (_, text) => log(JSON.parse(text) as LogRecord) : undefined);
    this.#native.setLogLevel(log ? level : null);
  }
}

/** Settings in the core's form: names and texts. */
function settingTexts(settings: ClientSettings): [string, string][] {
  return given(settings).map(([name, value]) =>
    TIMES.includes(name) ? [snake(name.slice(0, -2)), time(value as number)] : [snake(name), String(value)],
  );
}

/** As the core writes times: with a unit, or in seconds where there are fractions. */
function time(milliseconds: number): string {
  if (milliseconds === Infinity) return 'none';
  return Number.isInteger(milliseconds) ? `${milliseconds}ms` : String(milliseconds / 1000);
}

function variablesOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const variables = given(environment);
  variables.forEach(([name, value]) => check.string(`environment.${name}`, value));
  return Object.fromEntries(variables) as Record<string, string>;
}
