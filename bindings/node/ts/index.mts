/**
 * The same objects as `require('koophone')` returns: `KooPhoneError` is one class, however a program's parts import it.
 *
 * @packageDocumentation
 */

export * from './index.js';
