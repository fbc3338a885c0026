/**
 * The settings of a client. What is not given is taken from the environment variable, then from the default.
 */
export interface ClientSettings {
    /**
     * Address of the KooPhone service (终端节点).
     *
     * Environment variable `KOOPHONE_ENDPOINT`; default: https://koophone.myhuaweicloud.com.
     */
    readonly endpoint?: string | undefined;
    /**
     * Address of the identity service (统一身份认证服务).
     *
     * Environment variable `KOOPHONE_IAM_ENDPOINT`; default: https://iam.{region}.myhuaweicloud.com, without a region https://iam.myhuaweicloud.com.
     */
    readonly iamEndpoint?: string | undefined;
    /**
     * Region of the project, for example cn-north-4 (区域); needed to log in with a password unless project_id is given.
     *
     * Environment variable `KOOPHONE_REGION`; default: none.
     */
    readonly region?: string | undefined;
    /**
     * Id of the project (项目ID).
     *
     * Environment variable `KOOPHONE_PROJECT_ID`; default: looked up by region where a signature needs it.
     */
    readonly projectId?: string | undefined;
    /**
     * Total deadline of a call with all its batches and repeats; a number means seconds, none switches it off.
     *
     * Environment variable `KOOPHONE_TIMEOUT`; default: 300s.
     */
    readonly timeout?: string | undefined;
    /** `timeout` in milliseconds; `Infinity` stands for `none`. */
    readonly timeoutMs?: number | undefined;
    /**
     * Limit of one request, from connecting to the end of the answer.
     *
     * Environment variable `KOOPHONE_ATTEMPT_TIMEOUT`; default: 120s.
     */
    readonly attemptTimeout?: string | undefined;
    /** `attemptTimeout` in milliseconds; `Infinity` stands for `none`. */
    readonly attemptTimeoutMs?: number | undefined;
    /**
     * Limit for DNS, TCP and TLS of one connection.
     *
     * Environment variable `KOOPHONE_CONNECT_TIMEOUT`; default: 10s.
     */
    readonly connectTimeout?: string | undefined;
    /** `connectTimeout` in milliseconds; `Infinity` stands for `none`. */
    readonly connectTimeoutMs?: number | undefined;
    /**
     * Requests sent at most for one call and batch, the first included (1 to 10).
     *
     * Environment variable `KOOPHONE_MAX_ATTEMPTS`; default: 3.
     */
    readonly maxAttempts?: number | undefined;
    /**
     * Phones in one request (1 to 100); 32 is right under every reading of the documents.
     *
     * Environment variable `KOOPHONE_BATCH_SIZE`; default: 32.
     */
    readonly batchSize?: number | undefined;
    /**
     * Requests of one call under way at once (1 to 256).
     *
     * Environment variable `KOOPHONE_CONCURRENCY`; default: 8.
     */
    readonly concurrency?: number | undefined;
    /**
     * Largest answer accepted, in bytes.
     *
     * Environment variable `KOOPHONE_MAX_RESPONSE_BYTES`; default: 16777216.
     */
    readonly maxResponseBytes?: number | undefined;
    /**
     * URL of an HTTP proxy, or none for a direct connection; loopback endpoints are always reached directly.
     *
     * Environment variable `KOOPHONE_PROXY`; default: HTTPS_PROXY and NO_PROXY of the environment.
     */
    readonly proxy?: string | undefined;
    /**
     * PEM file of the only authorities to trust.
     *
     * Environment variable `KOOPHONE_CA_FILE`; default: the system's certificate store.
     */
    readonly caFile?: string | undefined;
    /**
     * User-Agent header.
     *
     * Environment variable `KOOPHONE_USER_AGENT`; default: koophone/0.1.0.
     */
    readonly userAgent?: string | undefined;
    /**
     * Whether plain http is allowed to hosts other than loopback; tokens then travel readable.
     *
     * Environment variable `KOOPHONE_ALLOW_HTTP`; default: false.
     */
    readonly allowHttp?: boolean | undefined;
    /**
     * Whether to refuse commands with characters that the service does not document.
     *
     * Environment variable `KOOPHONE_STRICT_COMMANDS`; default: false.
     */
    readonly strictCommands?: boolean | undefined;
    /**
     * Whether the provider chain may ask the metadata service of a cloud server (ECS) for a key.
     *
     * Environment variable `KOOPHONE_METADATA`; default: true.
     */
    readonly metadata?: boolean | undefined;
    /**
     * Address of the metadata service.
     *
     * Environment variable `KOOPHONE_METADATA_ENDPOINT`; default: http://169.254.169.254.
     */
    readonly metadataEndpoint?: string | undefined;
    /**
     * Directory where tokens are kept (mode 0600) so that many processes log in once.
     *
     * Environment variable `KOOPHONE_TOKEN_CACHE`; default: none: tokens stay in memory.
     */
    readonly tokenCache?: string | undefined;
}
/** The fields of a credential: those of one kind only. See {@link Credentials}. */
export interface CredentialFields {
    /** A ready-made IAM token (X-Auth-Token). */
    readonly token?: string | undefined;
    /** Name of the IAM user (IAM用户名). */
    readonly username?: string | undefined;
    /** Password of the IAM user. */
    readonly password?: string | undefined;
    /** Name of the account that the user belongs to (账号名). */
    readonly domain?: string | undefined;
    /** What the token is for: project, which KooPhone wants, or domain. */
    readonly scope?: 'project' | 'domain' | undefined;
    /** Access key (AK). */
    readonly accessKey?: string | undefined;
    /** Secret key (SK) of the access key. */
    readonly secretKey?: string | undefined;
    /** Security token of a temporary access key. */
    readonly securityToken?: string | undefined;
}
