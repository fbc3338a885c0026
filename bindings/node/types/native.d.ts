/** The addon: where it is found, and what it offers. Loaded at the first use, so that importing the package costs nothing. */
/** What may apply to a call; the addon takes the sum. */
export declare const enum Flag {
    Repeatable = 1,
    RaiseForErrors = 2,
    Cancellable = 4,
    Cancelled = 8
}
/** What every call begins with: its number, its deadline in milliseconds, its flags. */
export type Said = readonly [id: number, timeoutMs: number | null, flags: number];
/** What a text told by the addon is. */
export declare const enum What {
    Error = 0,
    Result = 1,
    Progress = 2,
    Log = 3
}
export interface NativeCalls {
    cancel(id: number): void;
    hold(yes: boolean): void;
}
export interface NativeCredentials {
    readonly method: string;
}
/** Methods start a call; its number comes back with the result. Lists of ids are JSON text. */
export interface NativeClient {
    runCommand(...call: [...Said, ids: string, command: string]): void;
    startCommand(...call: [...Said, ids: string, command: string]): void;
    getTask(...call: [...Said, taskId: string]): void;
    setVideoSettings(...call: [...Said, ids: string, video: string]): void;
    queryStatus(...call: [...Said, ids: string]): void;
    resetInstances(...call: [...Said, ids: string]): void;
    getDeviceToken(...call: [...Said, id: string]): void;
    login(...call: Said): void;
    resumeTask(saved: string): string;
    pollTask(...call: [...Said, saved: string]): void;
    waitForTask(...call: [...Said, saved: string, progress: boolean]): void;
}
export interface NativeEmulator {
    readonly endpoint: string;
    readonly isRunning: boolean;
    stop(): Promise<void>;
    credentials(): string;
    instanceIds(): string[];
    addFaults(faults: string): void;
    clearFaults(): void;
    pendingFaults(): string;
    addRules(rules: string): void;
    clearRules(): void;
    journal(instanceId?: string): string;
    clearJournal(): void;
    requests(): string;
    clearRequests(): void;
    advance(milliseconds: number): void;
    nowMs(): number;
    expireTokens(): void;
    setPhoneState(instanceId: string, state: number): boolean;
    phone(instanceId: string): string | null;
}
export interface Native {
    readonly Calls: new (tell: (id: number, what: What, text: string, printed: string) => void) => NativeCalls;
    readonly NativeCredentials: {
        new (fields: readonly string[]): NativeCredentials;
        chain(): NativeCredentials;
    };
    readonly NativeClient: new (calls: NativeCalls, settings: readonly string[], credentials: NativeCredentials | null, environment: readonly string[], log: {
        readonly id: number;
        readonly level: string;
    } | null) => NativeClient;
    readonly NativeEmulator: {
        start(options: string): Promise<NativeEmulator>;
    };
    defaultVideoSettings(): string;
    invalidArgument(message: string): string;
    runCli(args: readonly string[]): Promise<number>;
}
/** The addon of this system. */
export declare function native(): Native;
