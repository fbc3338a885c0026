import * as check from './checks.js';
import { lifting } from './errors.js';
import { CREDENTIAL_FIELDS } from './generated/arguments.js';
import type { NativeCredentials } from './generated/native.js';
import { given, snake } from './names.js';
import { native } from './native.js';

/** Where the addon's side of credentials is found, also on those that another copy of this package made. */
export const NATIVE = Symbol.for('koophone.credentials');

type Made = { readonly [NATIVE]?: NativeCredentials };

/** The addon's side of credentials made of named fields; what is not given is left out. */
export function nativeFrom(fields: object): NativeCredentials {
  check.fields(fields, CREDENTIAL_FIELDS, 'credential field');
  const pairs = given(fields).map(([name, value]): [string, string] => [snake(name), value as string]);
  return lifting(() => new (native().NativeCredentials)(pairs));
}

/** The addon's side of credentials, from whatever a client was given. */
export function nativeCredentials(from: object | undefined): NativeCredentials | null {
  return from === undefined ? null : ((from as Made)[NATIVE] ?? nativeFrom(from));
}
