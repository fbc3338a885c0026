/**
 * The addon: where it is found, and what it offers. Loaded at the first use, so that importing the package costs
 * nothing.
 */

import type { CallHeader, NativeOperations } from './generated/native-methods.js';

/** What may apply to a call; the addon takes the sum. */
export const enum Flag {
  Repeatable = 1,
  Check = 2,
  Cancellable = 4,
  Cancelled = 8,
}

/** What an event of the addon's is about. */
export const enum EventKind {
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

/** Methods start a call; its number comes back with the result. */
export interface NativeClient extends NativeOperations {
  setLogLevel(level: string | null): void;
  resumeTask(saved: string): string;
  deviceToken(instanceId: string): NativeDeviceToken;
  stats(): string;
  pollTask(...call: [...CallHeader, saved: string]): void;
  waitForTask(...call: [...CallHeader, saved: string, progress: boolean]): void;
}

export interface NativeDeviceToken {
  get(...call: CallHeader): void;
}

export interface NativeEmulator {
  readonly endpoint: string;
  readonly isRunning: boolean;
  stop(): Promise<void>;
  /** Calls a method by the name that it has in Rust. Arguments and result are JSON. */
  call(method: string, args: string): string;
}

export interface Native {
  readonly Calls: new (onEvent: (id: number, kind: EventKind, text: string, printed: string) => void) => NativeCalls;
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
  h5Parameters(
    deviceId: string | undefined,
    token: string,
    signalingUrl: string | undefined,
    uuid: string | undefined,
  ): string;
  nearest(name: string, known: readonly string[]): string | null;
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
