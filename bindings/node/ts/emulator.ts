import { call, nativeCalls } from './calls.js';
import * as check from './checks.js';
import { Client } from './client.js';
import { EMULATOR_OPTIONS } from './generated/arguments.js';
import type { EmulatorOptions } from './generated/emulator.js';
import { EmulatorMethods } from './generated/emulator-methods.js';
import type { NativeEmulator } from './generated/native.js';
import type { ClientOptions } from './generated/options.js';
import { snakeJson } from './names.js';
import { native } from './native.js';

/**
 * Running emulators. Like a server of `node:http` an emulator exists until it is closed: its clients, and other
 * processes that have its address, cannot keep it from being collected.
 */
const serving = new Set<Emulator>();

/**
 * A local KooPhone service with its identity service, to test against: phones that keep state, faults on request, and a
 * journal of what each phone really did. It runs on its own thread until it is closed, and does not keep
 * the process alive.
 *
 * @example
 * ```ts
 * await using emulator = await Emulator.start({ phones: 8 });
 * const client = emulator.client();
 * await client.runCommand(emulator.instanceIds, 'getprop ro.product.model');
 * ```
 */
export class Emulator extends EmulatorMethods implements AsyncDisposable {
  readonly #native: NativeEmulator;

  private constructor(started: NativeEmulator) {
    super(started);
    this.#native = started;
    serving.add(this);
  }

  /**
   * Starts an emulator. When the Promise is fulfilled, it accepts connections.
   *
   * @throws {@link KooPhoneError} of kind `invalid_argument` for options that cannot be used.
   */
  static async start(options: EmulatorOptions = {}): Promise<Emulator> {
    check.fields(options, EMULATOR_OPTIONS);
    let started: NativeEmulator;
    await call((id) => void (started = native().NativeEmulator.start(nativeCalls(), id, snakeJson(options))));
    return new Emulator(started!);
  }

  /** Stops it, and waits until the port is free. Calling it again does nothing. */
  async close(): Promise<void> {
    await call((id) => this.#native.stop(nativeCalls(), id));
    serving.delete(this);
  }

  /** {@link Emulator.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * The options of a client of this emulator, which logs in with the password. The process's own environment is
   * ignored. Plain data: it can be posted to a worker.
   */
  clientOptions(): ClientOptions {
    return { environment: JSON.parse(this.#native.call('environment', '[]')) as Record<string, string> };
  }

  /** A client of this emulator, with other settings where given. */
  client(options: ClientOptions = {}): Client {
    return new Client({ ...this.clientOptions(), ...options });
  }
}
