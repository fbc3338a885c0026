/**
 * Client for Huawei Cloud KooPhone (cloud phones), and a local emulator of the service.
 *
 * @packageDocumentation
 */

export { Client, type LogRecord } from './client.js';
export * as command from './generated/command.js';
export { Emulator } from './emulator.js';
export { KooPhoneError, type ErrorCode, type ErrorFields } from './errors.js';
export { Credentials } from './generated/credentials.js';
export type * from './generated/emulator.js';
export type * from './generated/model.js';
export type { CallOptions, ClientOptions, FleetOptions, PhoneWaitOptions, WaitOptions } from './generated/options.js';
export type { ClientSettings, CredentialFields } from './generated/settings.js';
export { DeviceToken } from './generated/handles.js';
export { Phone, Phones } from './generated/verbs.js';
export { Listing } from './listing.js';
export { androidParameters, h5Parameters } from './player.js';
export { Task } from './task.js';
export { VideoSettings } from './video.js';
