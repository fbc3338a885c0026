import * as check from './checks.js';
import { lifting } from './errors.js';
import { CREDENTIAL_FIELDS } from './generated/arguments.js';
import type { NativeCredentials } from './generated/native.js';
import { given, snake } from './names.js';
import { native } from './native.js';

/** The key of the addon's side of credentials, the same in every copy of this package. */
export const NATIVE = Symbol.for('koophone.credentials');

/** The addon's side of credentials, from named fields. */
export function nativeFrom(fields: object): NativeCredentials {
  check.fields(fields, CREDENTIAL_FIELDS, 'credential field');
  const pairs = given(fields).map(([name, value]): [string, string] => [snake(name), value as string]);
  return lifting(() => new (native().NativeCredentials)(pairs));
}

/** The addon's side of credentials, from the option of a client. */
export function nativeCredentials(from: object | undefined): NativeCredentials | null {
  const made = from as { readonly [NATIVE]?: NativeCredentials } | undefined;
  return made === undefined ? null : (made[NATIVE] ?? nativeFrom(made));
}
