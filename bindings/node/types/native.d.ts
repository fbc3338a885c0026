/** The addon: where it is found, and what it offers. Loaded at the first use, so that importing the package costs nothing. */
/** What a caller says about one call, as the addon takes it. */
export interface NativeOptions {
    readonly id: number;
    readonly timeoutMs?: number;
    readonly repeatable?: boolean;
    readonly raiseForErrors?: boolean;
    readonly cancellable?: boolean;
    readonly cancelled?: boolean;
}
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
/** Methods start a call; its number comes back with the result. */
export interface NativeClient {
    runCommand(calls: NativeCalls, options: NativeOptions, ids: readonly string[], command: string): void;
    startCommand(calls: NativeCalls, options: NativeOptions, ids: readonly string[], command: string): void;
    getTask(calls: NativeCalls, options: NativeOptions, taskId: string): void;
    setVideoSettings(calls: NativeCalls, options: NativeOptions, ids: readonly string[], video: string): void;
    queryStatus(calls: NativeCalls, options: NativeOptions, ids: readonly string[]): void;
    resetInstances(calls: NativeCalls, options: NativeOptions, ids: readonly string[]): void;
    getDeviceToken(calls: NativeCalls, options: NativeOptions, id: string): void;
    login(calls: NativeCalls, options: NativeOptions): void;
    resumeTask(saved: string): string;
    pollTask(calls: NativeCalls, options: NativeOptions, saved: string): void;
    waitForTask(calls: NativeCalls, options: NativeOptions, saved: string, progress: boolean): void;
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
    readonly Calls: new (tell: (id: number, what: What, text: string) => void) => NativeCalls;
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
