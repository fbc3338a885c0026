/**
 * The addon: where it is found, and what it offers. Loaded at the first use, so that importing the package costs
 * nothing.
 */

/** What may apply to a call; the addon takes the sum. */
export const enum Flag {
  Repeatable = 1,
  Check = 2,
  Cancellable = 4,
  Cancelled = 8,
}

/** What every call begins with: its number, its deadline in milliseconds, its flags. */
export type Said = readonly [id: number, timeoutMs: number | null, flags: number];

/** What a text told by the addon is. */
export const enum What {
  Error,
  Result,
  Progress,
  Log,
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
  setLogLevel(level: string | null): void;
  resumeTask(saved: string): string;
  pollTask(...call: [...Said, saved: string]): void;
  waitForTask(...call: [...Said, saved: string, progress: boolean]): void;
}

export interface NativeEmulator {
  readonly endpoint: string;
  readonly isRunning: boolean;
  stop(): Promise<void>;
  credentials(): string;
  environment(): Record<string, string>;
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
  readonly NativeClient: new (
    calls: NativeCalls,
    settings: readonly string[],
    credentials: NativeCredentials | null,
    environment: readonly string[],
    logId: number,
    logLevel: string | null,
  ) => NativeClient;
  readonly NativeEmulator: { start(options: string): Promise<NativeEmulator> };
  defaultVideoSettings(): string;
  runCli(args: readonly string[]): Promise<number>;
}

let loaded: Native | undefined;

/** The addon of this system. */
export function native(): Native {
  return (loaded ??= load());
}

/** The systems for which an addon may have been built, by the names that npm packages use for them. */
function systems(): string[] {
  const { platform, arch } = process;
  switch (platform) {
    case 'linux':
      return [`linux-${arch}-gnu`, `linux-${arch}-musl`];
    case 'win32':
      return [`win32-${arch}-msvc`];
    default:
      return [`${platform}-${arch}`];
  }
}

function load(): Native {
  const attempts: string[] = [];
  for (const system of systems()) {
    // Beside the package: a build of one's own. Else the package that was made for this system.
    for (const place of [`../koophone.${system}.node`, `koophone-${system}`]) {
      try {
        // eslint-disable-next-line @typescript-eslint/no-require-imports
        return require(place) as Native;
      } catch (error) {
        attempts.push(`${place}: ${(error as Error).message.split('\n')[0]}`);
      }
    }
  }
  const wanted = systems().map((system) => `koophone-${system}`);
  throw new Error(
    `koophone has no native addon for ${process.platform}-${process.arch} (Node ${process.version}). ` +
      `It comes with the optional dependency ${wanted.join(' or ')}. npm sometimes leaves optional dependencies out ` +
      '(npm/cli#4828, or --omit=optional): delete node_modules and package-lock.json and install again, or install ' +
      `${wanted[0]} by name. If there is no such package, no addon was built for this system. Tried:\n  ` +
      attempts.join('\n  '),
  );
}
