import { Client, type ClientOptions } from './client.js';
import { A, checkShape, checkTexts, checkValue, refuse, unknown } from './checks.js';
import { CLOCK_OPTIONS, EMULATOR_OPTIONS, FAULT_FIELDS, FAULTS, RATE_LIMIT, RULE } from './emulator-options.js';
import type { EmulatorOptions, Fault, Rule } from './emulator-options.js';
import { lift, lifting } from './errors.js';
import { fromSnakeJson, snakeJson } from './names.js';
import { native, type NativeEmulator } from './native.js';

/** One thing that one phone really did. */
export interface JournalEntry {
  /** Counts from 1 over all phones and is never reused. */
  readonly sequence: number;
  /** When it began, in milliseconds since 1970 on the emulator's clock. */
  readonly timeMs: number;
  /** What it is about. */
  readonly kind: 'command' | 'reset' | 'video_settings';
  /** The phone. */
  readonly instanceId: string;
  /** The command as it arrived. */
  readonly command: string | null;
  /** Which of the two ways a command came by. */
  readonly via: 'sync' | 'async' | null;
  /** The task it belongs to. */
  readonly taskId: string | null;
  /** The job it belongs to. */
  readonly jobId: string | null;
  /** The `x-request-id` of the request that caused it. */
  readonly xRequestId: string | null;
  /** Exit status of a command. */
  readonly exitStatus: number | null;
}

/** One HTTP request that arrived completely. */
export interface RequestEntry {
  /** Counts from 1 and is never reused. */
  readonly sequence: number;
  /** When it arrived, in milliseconds since 1970 on the emulator's clock. */
  readonly timeMs: number;
  /** The operation. */
  readonly operation: string;
  /** HTTP method. */
  readonly method: string;
  /** Path and query as received. */
  readonly path: string;
  /** The client's `x-request-id`. */
  readonly xRequestId: string | null;
  /** The kind of credential it carried, whether right or wrong. */
  readonly auth: 'none' | 'token' | 'aksk';
  /** HTTP status of the answer; null while there is none. */
  readonly status: number | 'cut' | null;
  /** Whether the operation was executed. */
  readonly executed: boolean;
  /** How many phones it named. */
  readonly instances: number;
}

/** What an emulator lets in. All of it is made up. */
export interface EmulatorCredentials {
  /** Name of the account. */
  readonly accountDomain: string;
  /** Name of the IAM user. */
  readonly user: string;
  /** The user's password. */
  readonly password: string;
  /** Access key. */
  readonly accessKey: string;
  /** Secret key. */
  readonly secretKey: string;
  /** Security token that goes with the keys, if they are temporary. */
  readonly securityToken: string | null;
  /** Name of the project. */
  readonly projectName: string;
  /** Id of the project. */
  readonly projectId: string;
  /** Region. */
  readonly region: string;
}

const key = Symbol('started');

/**
 * Emulators that serve. Like a server of `node:http` one lives until it is closed, whoever holds it: its clients, and
 * other processes that have its address, do not keep it from being collected.
 */
const serving = new Set<Emulator>();

/**
 * A local KooPhone service with its identity service, to test against: phones that keep state, faults on request, and a
 * journal of what each phone really did. It runs on a thread of its own, serves until it is closed, and does not keep
 * the process alive.
 *
 * @example
 * ```ts
 * await using emulator = await Emulator.start({ phones: 8 });
 * const client = emulator.client();
 * await client.runCommand(emulator.instanceIds, 'getprop ro.product.model');
 * ```
 */
export class Emulator implements AsyncDisposable {
  /** Address of both services, for example `http://127.0.0.1:41234`. */
  readonly endpoint: string;
  /** Ids of all phones, in a fixed order. */
  readonly instanceIds: readonly string[];
  /** What to log in with. */
  readonly credentials: EmulatorCredentials;
  readonly #native: NativeEmulator;

  private constructor(_: typeof key, started: NativeEmulator) {
    this.#native = started;
    this.endpoint = started.endpoint;
    this.instanceIds = started.instanceIds();
    this.credentials = fromSnakeJson(started.credentials()) as EmulatorCredentials;
    serving.add(this);
  }

  /**
   * Starts one; it listens when the Promise is kept.
   *
   * @throws {@link KooPhoneError} of kind `invalid_argument` for options that cannot be used.
   */
  static async start(options: EmulatorOptions = {}): Promise<Emulator> {
    checkOptions(options);
    try {
      return new Emulator(key, await native().NativeEmulator.start(snakeJson(options)));
    } catch (thrown) {
      throw lift(thrown);
    }
  }

  /** Stops it, and waits until the port is free. Calling it again does nothing. */
  async close(): Promise<void> {
    try {
      await this.#native.stop();
    } catch (thrown) {
      throw lift(thrown);
    }
    serving.delete(this);
  }

  /** {@link Emulator.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Whether it still serves. */
  get isRunning(): boolean {
    return this.#native.isRunning;
  }

  /**
   * The options of a client of this emulator, which logs in with the password. The process's own environment is ignored. Plain data:
   * it can be posted to a worker.
   */
  clientOptions(): ClientOptions {
    return { environment: this.#native.environment() };
  }

  /** A client of this emulator, with other settings where given. */
  client(options: ClientOptions = {}): Client {
    return new Client({ ...this.clientOptions(), ...options });
  }

  /** Adds faults at the end of the queue. None is added if one of them cannot be used. */
  addFaults(...faults: readonly Fault[]): void {
    checkFaults(faults);
    lifting(() => this.#native.addFaults(snakeJson(faults)));
  }

  /** Empties the queue of faults. */
  clearFaults(): void {
    this.#native.clearFaults();
  }

  /** Faults that are not used up, with what is left of their counts. */
  pendingFaults(): Fault[] {
    return fromSnakeJson(this.#native.pendingFaults()) as Fault[];
  }

  /** Adds rules behind those there are. */
  addRules(...rules: readonly Rule[]): void {
    checkRules(rules);
    lifting(() => this.#native.addRules(snakeJson(rules)));
  }

  /** Removes all rules. */
  clearRules(): void {
    this.#native.clearRules();
  }

  /** What all phones, or one, really did, oldest first. */
  journal(instanceId?: string): JournalEntry[] {
    if (instanceId !== undefined) {
      checkValue('instanceId', instanceId, A.string);
    }
    return fromSnakeJson(this.#native.journal(instanceId)) as JournalEntry[];
  }

  /** Empties the journal. The numbers go on. */
  clearJournal(): void {
    this.#native.clearJournal();
  }

  /** Every request that arrived, oldest first. */
  requests(): RequestEntry[] {
    return fromSnakeJson(this.#native.requests()) as RequestEntry[];
  }

  /** Empties the log of requests. The numbers go on. */
  clearRequests(): void {
    this.#native.clearRequests();
  }

  /** Moves the emulator's clock forward. */
  advance(milliseconds: number): void {
    checkValue('milliseconds', milliseconds, A.milliseconds);
    lifting(() => this.#native.advance(milliseconds));
  }

  /** The emulator's clock: milliseconds since 1970. */
  now(): number {
    return this.#native.nowMs();
  }

  /** Ends the life of every token there is. */
  expireTokens(): void {
    this.#native.expireTokens();
  }

  /** Gives a phone any state number; false if there is no such phone. */
  setPhoneState(instanceId: string, state: number): boolean {
    checkValue('instanceId', instanceId, A.string);
    checkValue('state', state, A.number);
    return this.#native.setPhoneState(instanceId, state);
  }

  /** All there is to know about a phone: state, files, properties, packages, events. */
  phone(instanceId: string): Readonly<Record<string, unknown>> | undefined {
    checkValue('instanceId', instanceId, A.string);
    const text = this.#native.phone(instanceId);
    return text === null ? undefined : (fromSnakeJson(text) as Record<string, unknown>);
  }
}

function checkOptions(options: EmulatorOptions): void {
  checkShape('options', options, EMULATOR_OPTIONS, 'option');
  checkTexts('options', options);
  if (options.clock) checkShape('clock', options.clock, CLOCK_OPTIONS, 'option of the clock');
  if (options.rateLimit) checkShape('rateLimit', options.rateLimit, RATE_LIMIT, 'part of a rate limit');
  checkFaults(options.faults ?? []);
  checkRules(options.rules ?? []);
}

function checkRules(rules: readonly Rule[]): void {
  rules.forEach((rule, index) => checkShape(`rules[${index}]`, rule, RULE, 'field of a rule'));
  checkTexts('rules', rules);
}

function checkFaults(faults: readonly Fault[]): void {
  faults.forEach((fault, index) => {
    const name = `faults[${index}]`;
    checkValue(name, fault, A.object);
    checkValue(`${name}.action`, fault.action, A.string);
    const shape = Object.hasOwn(FAULTS, fault.action) ? FAULTS[fault.action] : undefined;
    if (shape === undefined) {
      refuse(`${name}.action`, unknown(fault.action, Object.keys(FAULTS), 'action'));
    }
    const fields = { ...FAULT_FIELDS.fields, ...shape.fields };
    checkShape(name, fault, { required: shape.required, fields }, `field of the fault ${fault.action}`);
  });
  checkTexts('faults', faults);
}
