import * as check from './checks.js';
import { lifting } from './errors.js';
import { SECRETS, type AndroidParameters, type DeviceAuthorization, type H5Parameters } from './generated/model.js';
import { hiding } from './hiding.js';
import { native } from './native.js';

/**
 * The parameters of the vendor's player for browsers, under its names. `uuid` names the player's user; without one it
 * is a fresh random UUID. The token is there, but `***` where the object is printed or converted to JSON: spread it
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
 * The parameters of the vendor's player for Android: the entries of its `Bundle`, under the names of their keys in
 * lower case. `userid` names the player's user; without one it is a fresh random UUID. The token is hidden in the
 * same way.
 */
export function androidParameters(authorization: DeviceAuthorization, userid?: string): AndroidParameters {
  check.named('authorization', authorization);
  const { token, external } = authorization;
  check.string('authorization.token', token);
  check.named('authorization.external', external);
  check.fields({ userid }, { userid: check.string });
  const text = lifting(() => native().androidParameters(external.address, external.port, token, userid ?? null));
  return hiding(JSON.parse(text) as AndroidParameters, SECRETS.AndroidParameters);
}
