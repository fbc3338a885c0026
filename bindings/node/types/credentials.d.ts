import { type NativeCredentials } from './native.js';
import type { CredentialFields } from './options.js';
/** Names and values as one list, in snake_case; what is not given is left out. */
export declare function pairs(fields: object): string[];
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
export declare class Credentials {
    /** `token`, `password`, `access_key` or `chain`. */
    readonly method: string;
    /**
     * From named fields: those of one kind only.
     *
     * @throws {@link KooPhoneError} of kind `invalid_argument` for fields that contradict each other or lack their partner.
     */
    constructor(fields: CredentialFields);
    /** A ready-made IAM token. It cannot be renewed: after 24 hours calls fail with `authentication`. */
    static token(token: string): Credentials;
    /**
     * Name and password of an IAM user, and the name of its account. Logs in at the first call and renews the token ahead of
     * its end. The client needs `region` or `projectId`, unless the scope is `domain`.
     */
    static password(username: string, password: string, domain: string, scope?: 'project' | 'domain'): Credentials;
    /** An access key and its secret key (AK/SK), with its security token if it is temporary. Nothing is sent to log in. */
    static accessKey(accessKey: string, secretKey: string, securityToken?: string): Credentials;
    /** The provider chain: the environment, then the profile file, then the metadata service of a cloud server. */
    static chain(): Credentials;
}
/** The addon's side of credentials, from whatever a client was given. */
export declare function nativeCredentials(given: Credentials | CredentialFields | undefined): NativeCredentials | null;
