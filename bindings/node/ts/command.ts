import * as check from './checks.js';
import { native } from './native.js';

/**
 * Why the service may refuse a command: `null` if it takes it; otherwise a line for each character that it does not,
 * with its places and what would be possible instead. Nothing is sent. No quoting and no escaping helps.
 *
 * @example
 * ```ts
 * console.log(command.whyNot('ls /sdcard | wc') ?? 'it is taken');
 * ```
 */
export function whyNot(text: string): string | null {
  check.string('text', text);
  return native().whyNot(text);
}
