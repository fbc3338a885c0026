import type { KooPhoneError } from './errors.js';
/** What went wrong, in one word. */
export type ErrorKind = 'invalid_argument' | 'configuration' | 'authentication' | 'permission_denied' | 'not_found' | 'throttled' | 'rejected' | 'unavailable' | 'network' | 'timeout' | 'outcome_unknown' | 'protocol' | 'cancelled' | 'internal';
/**
 * Where a command or job stands (任务状态).
 * - `unknown`: No state known: no answer for this phone, or a number this version does not know.
 * - `pending`: Accepted, not started.
 * - `running`: Running.
 * - `succeeded`: Ended well.
 * - `failed`: Ended badly.
 */
export type JobState = 'unknown' | 'pending' | 'running' | 'succeeded' | 'failed';
/**
 * Where a phone stands (云手机状态), by the meanings of the first documents. Later ones give the same numbers other
 * meanings, which is why the number itself always stands beside it.
 * - `unknown`: 0, a number this version does not know, or no answer for this phone.
 * - `stopped`: 1: stopped (停止).
 * - `running`: 2: running (运行中).
 * - `going_offline`: 3: going offline.
 * - `starting`: 4: starting.
 * - `powered_off`: 5: powered off.
 */
export type InstanceState = 'unknown' | 'stopped' | 'running' | 'going_offline' | 'starting' | 'powered_off';
/** What a synchronous command did on one phone. */
export interface CommandResult {
    /** The phone. */
    readonly instanceId: string;
    /** How the command ended. */
    readonly state: JobState;
    /** The service's number for the state; none when no answer came for this phone. */
    readonly status: number | null;
    /** What the command printed, at most 1,024 bytes: the service cuts the rest off. */
    readonly output: string;
    /** Whether the output is so long that the service probably cut it. */
    readonly outputTruncated: boolean;
    /** Why there is no success: the phone's own error, or that of the request it was part of. */
    readonly error: KooPhoneError | null;
}
/** What a job of a task did on one phone. */
export interface JobResult {
    /**
     * The phone; unknown when the task was resumed from its bare id, because the service's answers name only jobs.
     */
    readonly instanceId: string | null;
    /** The job; unknown when the request for this phone was refused. */
    readonly jobId: string | null;
    /** Where the job stands. */
    readonly state: JobState;
    /** The service's number for the state; none when no answer names this job. */
    readonly status: number | null;
    /** What the command printed, at most 1,024 bytes. */
    readonly output: string;
    /** Whether the output is so long that the service probably cut it. */
    readonly outputTruncated: boolean;
    /** Why there is no success. */
    readonly error: KooPhoneError | null;
}
/** The state of one phone. */
export interface InstanceStatus {
    /** The phone. */
    readonly instanceId: string;
    /** The state by the meanings of the first documents. */
    readonly state: InstanceState;
    /** The service's number; none when no answer came for this phone. */
    readonly status: number | null;
    /** Why there is no state. */
    readonly error: KooPhoneError | null;
}
/** Whether a setting reached one phone. */
export interface InstanceOutcome {
    /** The phone. */
    readonly instanceId: string;
    /** Why not, when it did not. */
    readonly error: KooPhoneError | null;
}
/** What a task knows of one phone: the only place where phone and job stand side by side. */
export interface TaskPhone {
    /** The phone. */
    readonly instanceId: string;
    /** The task that the service made for the request this phone was part of; none when it gave none. */
    readonly taskId: string | null;
    /** The phone's job in that task. */
    readonly jobId: string | null;
    /** Why nothing was started on this phone. */
    readonly error: KooPhoneError | null;
}
/** How far a task is. */
export interface Progress {
    /** Jobs that ended well. */
    readonly done: number;
    /** Jobs that ended badly, or were never accepted. */
    readonly failed: number;
    /** Jobs that have not ended. */
    readonly running: number;
    /** All of them. */
    readonly total: number;
}
/** One reading of a task. */
export interface TaskStatus {
    /** One entry per phone, in the order asked; for a bare task id one per job, in the service's order. */
    readonly jobs: readonly JobResult[];
    /** The counts of `jobs`. */
    readonly progress: Progress;
    /** Whether no job is left running. */
    readonly finished: boolean;
}
/** Whose credential a client calls with. */
export interface Identity {
    /** `token`, `password` or `access_key`. */
    readonly method: string;
    /** Where the credential was found: `code`, `environment`, `profile` or `metadata`. */
    readonly source: string;
    /** Name of the IAM user, where known. */
    readonly user: string | null;
    /** Name of the account. */
    readonly domain: string | null;
    /** Id of the project. */
    readonly projectId: string | null;
    /** Name of the project, which is its region's. */
    readonly projectName: string | null;
    /** The access key, without its secret. */
    readonly accessKey: string | null;
    /** When the token ends, as the identity service writes it. */
    readonly expiresAt: string | null;
}
/** An address that a streaming SDK connects to. */
export interface StreamAddress {
    /** IPv4 address or host name. */
    readonly address: string | null;
    /** Access port (`aport`). */
    readonly port: number | null;
    /** Access type (`atype`), a number the documents do not explain. */
    readonly accessType: number | null;
    /** IPv6 address. */
    readonly addressIpv6: string | null;
    /** Domain name of the address (`address_adn`), in newer answers. */
    readonly addressAdn: string | null;
}
/**
 * What is needed to start a stream from one phone. Holds a credential: `Debug` prints `***` in its place.
 */
export interface DeviceAuthorization {
    /** The phone. */
    readonly instanceId: string;
    /** The device behind it. */
    readonly deviceId: string | null;
    /** The credential for the streaming SDK. Secret. */
    readonly token: string;
    /** Id of the stream, in newer answers. */
    readonly streamingId: string | null;
    /** Where WebRTC signalling is; handed over unchanged (plain http in the documents' example). */
    readonly signalingUrl: string | null;
    /** When the signalling data ends, in seconds, as the service's text. */
    readonly expiredTime: string | null;
    /** The WebRTC servers, with their credentials, as the service's own JSON text. Secret. */
    readonly iceServers: string;
    /** Address inside the vendor's network. */
    readonly internal: StreamAddress;
    /** Address on the Internet. */
    readonly external: StreamAddress;
}
/** Everything known about a failure. The same fields, under the same names, exist in every language. */
export interface ErrorDetails {
    /** Which of the fourteen kinds this is. */
    readonly kind: ErrorKind;
    /** What happened and what to do next, in a sentence. Holds no secret. */
    readonly message: string;
    /** The argument or setting at fault, for `invalid_argument` and `configuration`. */
    readonly argument: string | null;
    /** The service's own code to the letter, for example `KOOPHONE.API.1000`. */
    readonly code: string | null;
    /** The HTTP status, where an answer came. */
    readonly httpStatus: number | null;
    /** The `x-request-id` that we sent; the same on every attempt of one call. */
    readonly requestId: string | null;
    /** The id the service or its gateway gave the request; quote it to the vendor's support. */
    readonly serverRequestId: string | null;
    /** Whether the same call, made again, may succeed without anything being done twice. */
    readonly retryable: boolean;
    /** How many requests of this operation were sent; those of a log-in are not counted. */
    readonly attempts: number;
    /** What caused it, outermost first. */
    readonly causes: readonly string[];
    /** The beginning of an answer that was not understood. */
    readonly excerpt: string | null;
    /** The last known state of every job, when waiting for a task ran out of time. */
    readonly lastJobs: readonly JobResult[];
}
/** Fields that must not be printed, by interface. */
export declare const SECRETS: {
    readonly DeviceAuthorization: readonly ["token", "iceServers"];
};
