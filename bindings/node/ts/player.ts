import { call, CALL_OPTIONS, type CallOptions } from './calls.js';
import * as check from './checks.js';
import { lifting } from './errors.js';
import { SECRETS, type DeviceAuthorization, type H5Parameters } from './generated/model.js';
import type { NativeSource } from './generated/native.js';
import { hiding } from './hiding.js';
import { native } from './native.js';

/**
 * What the vendor's player for browsers takes, under its names. `uuid` names the player's user; without one it is a
 * fresh random UUID. The token is there, but `***` where the object is printed or made JSON of: spread it
 * (`{ ...parameters }`) to send it to the page.
 *
 * @example
 * ```ts
 * const parameters = h5Parameters(await client.getDeviceToken('a44uhlf7'), 'player-7');
 * response.end(JSON.stringify({ ...parameters }));
 * ```
 */
export function h5Parameters(authorization: DeviceAuthorization, uuid?: string): H5Parameters {
  check.named('authorization', authorization);
  const { deviceId, token, signalingUrl } = authorization;
  check.string('authorization.token', token);
  check.fields({ uuid }, { uuid: check.string });
  const text = lifting(() => native().h5Parameters(deviceId, token, signalingUrl, uuid ?? null));
  return hiding(JSON.parse(text) as H5Parameters, SECRETS.H5Parameters);
}

/**
 * The device token of one phone, for a program that needs it again and again.
 *
 * @example
 * ```ts
 * const token = client.deviceToken('a44uhlf7');
 * const authorization = await token.get(); // and again, whenever a page asks for it
 * ```
 */
export class DeviceToken {
  readonly #native: NativeSource;

  /** @internal */
  constructor(native: NativeSource) {
    this.#native = native;
  }

  /**
   * The kept authorization, or a new one when a tenth of its life is left; callers that come meanwhile wait for the same
   * request. Where the service gives no life (`expiresAt`), nothing is kept, and every call asks.
   */
  async get(options?: CallOptions): Promise<DeviceAuthorization> {
    check.fields(options, CALL_OPTIONS);
    const authorization = (await call((...header) => this.#native.ask(...header), options)) as DeviceAuthorization;
    return hiding(authorization, SECRETS.DeviceAuthorization);
  }
}
