import { call, nativeCalls } from './calls.js';
import { native } from './native.js';

/** Runs the `koophone` command, and returns its exit code. */
export async function runCli(args: readonly string[]): Promise<number> {
  return (await call((id) => native().runCli(nativeCalls(), id, ['koophone', ...args]))) as number;
}
