import { KooPhoneError } from './errors.js';
/**
 * Whether something caught is a `KooPhoneError` of kind `invalid_argument`: refused before anything was sent: an argument is wrong.
 */
export declare function isInvalidArgument(error: unknown): error is KooPhoneError & {
    readonly kind: 'invalid_argument';
};
/**
 * Whether something caught is a `KooPhoneError` of kind `configuration`: credentials, endpoint or another setting is missing or wrong.
 */
export declare function isConfiguration(error: unknown): error is KooPhoneError & {
    readonly kind: 'configuration';
};
/** Whether something caught is a `KooPhoneError` of kind `authentication`: the credential was refused. */
export declare function isAuthentication(error: unknown): error is KooPhoneError & {
    readonly kind: 'authentication';
};
/**
 * Whether something caught is a `KooPhoneError` of kind `permission_denied`: the credential is fine, the right is missing.
 */
export declare function isPermissionDenied(error: unknown): error is KooPhoneError & {
    readonly kind: 'permission_denied';
};
/** Whether something caught is a `KooPhoneError` of kind `not_found`: unknown task, API or resource. */
export declare function isNotFound(error: unknown): error is KooPhoneError & {
    readonly kind: 'not_found';
};
/**
 * Whether something caught is a `KooPhoneError` of kind `throttled`: still limited after the retries; nothing was executed.
 */
export declare function isThrottled(error: unknown): error is KooPhoneError & {
    readonly kind: 'throttled';
};
/**
 * Whether something caught is a `KooPhoneError` of kind `rejected`: refused by the service for another reason; see the service's code.
 */
export declare function isRejected(error: unknown): error is KooPhoneError & {
    readonly kind: 'rejected';
};
/**
 * Whether something caught is a `KooPhoneError` of kind `unavailable`: the service is unavailable; nothing was executed.
 */
export declare function isUnavailable(error: unknown): error is KooPhoneError & {
    readonly kind: 'unavailable';
};
/**
 * Whether something caught is a `KooPhoneError` of kind `network`: the service could not be reached; nothing was executed.
 */
export declare function isNetwork(error: unknown): error is KooPhoneError & {
    readonly kind: 'network';
};
/**
 * Whether something caught is a `KooPhoneError` of kind `timeout`: the deadline passed; nothing was executed, or the call only reads.
 */
export declare function isTimeout(error: unknown): error is KooPhoneError & {
    readonly kind: 'timeout';
};
/**
 * Whether something caught is a `KooPhoneError` of kind `outcome_unknown`: sent but not answered; it may have run: look before you repeat.
 */
export declare function isOutcomeUnknown(error: unknown): error is KooPhoneError & {
    readonly kind: 'outcome_unknown';
};
/**
 * Whether something caught is a `KooPhoneError` of kind `protocol`: the answer could not be understood.
 */
export declare function isProtocol(error: unknown): error is KooPhoneError & {
    readonly kind: 'protocol';
};
/** Whether something caught is a `KooPhoneError` of kind `cancelled`: cancelled by the caller. */
export declare function isCancelled(error: unknown): error is KooPhoneError & {
    readonly kind: 'cancelled';
};
/**
 * Whether something caught is a `KooPhoneError` of kind `internal`: a bug in koophone; please report it.
 */
export declare function isInternal(error: unknown): error is KooPhoneError & {
    readonly kind: 'internal';
};
