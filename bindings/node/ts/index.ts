/**
 * Client for Huawei Cloud KooPhone (cloud phones), and a local emulator of the service.
 *
 * @packageDocumentation
 */

export { type CallOptions, type FleetOptions, type LogLevel, type LogRecord } from './calls.js';
export { Client, type ClientOptions } from './client.js';
export { Credentials } from './credentials.js';
export type * from './emulator-options.js';
export { Emulator, type EmulatorCredentials, type JournalEntry, type RequestEntry } from './emulator.js';
export { KooPhoneError, type ErrorCode, type ErrorFields, type PhoneResult } from './errors.js';
export type * from './model.js';
export type { ClientSettings, CredentialFields } from './options.js';
export { Task, type WaitOptions } from './task.js';
export {
  VideoSettings,
  type Codec,
  type Network,
  type VideoRates,
  type VideoSetting,
  type VideoSpec,
} from './video.js';
