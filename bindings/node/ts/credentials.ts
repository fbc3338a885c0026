import * as check from './checks.js';
import { lifting } from './errors.js';
import { snake } from './names.js';
import { native } from './native.js';
import { CREDENTIAL_FIELDS } from './generated/arguments.js';
import type { NativeCredentials } from './generated/native.js';
import type { CredentialFields } from './generated/settings.js';

/** Names and values, in snake_case; what is not given is left out. */
function pairs(fields: CredentialFields): [string, string][] {
  check.fields(fields, CREDENTIAL_FIELDS, 'credential field');
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return given.map(([name, value]) => [snake(name), value as string]);
}

/** Where the addon's side of credentials is found, also on those that another copy of this package made. */
const NATIVE = Symbol.for('koophone.credentials');

/** What a client may be given. */
type Given = (Credentials | CredentialFields) & { readonly [NATIVE]?: NativeCredentials };

/**
 * Who calls. Checked at once; printing one shows no secret, which is kept outside JavaScript.
 *
 * @example
 * ```ts
 * const client = new Client({
 *   region: 'cn-north-4',
 *   credentials: Credentials.password('iam-user', process.env.PASSWORD!, 'account'),
 * });
 * ```
 */
export class Credentials {
  /** `token`, `password`, `access_key` or `chain`. */
  readonly method: string;

  /**
   * From named fields: those of one kind only.
   *
   * @throws {@link KooPhoneError} of kind `invalid_argument` for fields that contradict each other or lack their
   * partner.
   */
  constructor(fields: CredentialFields) {
    const made = lifting(() =>
      fields === CHAIN ? native().NativeCredentials.chain() : new (native().NativeCredentials)(pairs(fields)),
    );
    Object.defineProperty(this, NATIVE, { value: made });
    this.method = made.method;
  }

  /** A ready-made IAM token. It cannot be renewed: after 24 hours calls fail with `authentication`. */
  static token(token: string): Credentials {
    return new Credentials({ token });
  }

  /**
   * Name and password of an IAM user, and the name of its account. Logs in at the first call and renews the token
   * ahead of its end. The client needs `region` or `projectId`, unless the scope is `domain`.
   */
  static password(
    username: string,
    password: string,
    domain: string,
    scope: 'project' | 'domain' = 'project',
  ): Credentials {
    return new Credentials({ username, password, domain, scope });
  }

  /**
   * An access key and its secret key (AK/SK), with its security token if it is temporary. Nothing is sent to log in.
   */
  static accessKey(accessKey: string, secretKey: string, securityToken?: string): Credentials {
    return new Credentials({ accessKey, secretKey, securityToken });
  }

  /** The provider chain: the environment, then the profile file, then the metadata service of a cloud server. */
  static chain(): Credentials {
    return new Credentials(CHAIN);
  }
}

const CHAIN: CredentialFields = Object.freeze({});

/** The addon's side of credentials, from whatever a client was given. */
export function nativeCredentials(given: Credentials | CredentialFields | undefined): NativeCredentials | null {
  if (given === undefined) {
    return null;
  }
  return (given as Given)[NATIVE] ?? (new Credentials(given as CredentialFields) as Given)[NATIVE] ?? null;
}
