import { Client, type ClientOptions } from './client.js';
import { checkFields, checkKind } from './checks.js';
import { lift, lifting } from './errors.js';
import { EMULATOR_OPTIONS, FAULT, RULE } from './generated/emulator.js';
import type { EmulatorCredentials, EmulatorOptions, Fault, JournalEntry, RequestEntry, Rule } from './generated/emulator.js';
import { fromSnakeJson, snakeJson } from './names.js';
import { native, type NativeEmulator } from './native.js';

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
    checkFields(options, EMULATOR_OPTIONS.fields);
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
   * The options of a client of this emulator, which logs in with the password and ignores the environment. Plain data:
   * it can be posted to a worker.
   */
  clientOptions(): ClientOptions {
    const { user, password, accountDomain, region } = this.credentials;
    const credentials = { username: user, password, domain: accountDomain };
    return { endpoint: this.endpoint, iamEndpoint: this.endpoint, region, credentials, environment: {} };
  }

  /** A client of this emulator, with other settings where given. */
  client(options: ClientOptions = {}): Client {
    return new Client({ ...this.clientOptions(), ...options });
  }

  /** Adds faults at the end of the queue. None is added if one of them cannot be used. */
  addFaults(...faults: readonly Fault[]): void {
    checkKind('faults', faults, { list: FAULT });
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
    checkKind('rules', rules, { list: RULE });
    lifting(() => this.#native.addRules(snakeJson(rules)));
  }

  /** Removes all rules. */
  clearRules(): void {
    this.#native.clearRules();
  }

  /** What all phones, or one, really did, oldest first. */
  journal(instanceId?: string): JournalEntry[] {
    if (instanceId !== undefined) {
      checkKind('instanceId', instanceId, 'string');
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
    checkKind('milliseconds', milliseconds, 'milliseconds');
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
    checkKind('instanceId', instanceId, 'string');
    checkKind('state', state, 'integer');
    return this.#native.setPhoneState(instanceId, state);
  }

  /** All there is to know about a phone: state, files, properties, packages, events. */
  phone(instanceId: string): Readonly<Record<string, unknown>> | undefined {
    checkKind('instanceId', instanceId, 'string');
    const text = this.#native.phone(instanceId);
    return text === null ? undefined : (fromSnakeJson(text) as Record<string, unknown>);
  }
}
