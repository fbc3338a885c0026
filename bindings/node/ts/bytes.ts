/** The bytes of files, which come from the addon as numbers. */

import { KooPhoneError } from './errors.js';

/** Turns the bytes of every phone's value into a Uint8Array, also of the results that an error holds. */
export async function withBytes<T>(made: () => Promise<T[]>): Promise<T[]> {
  try {
    return turned(await made());
  } catch (error) {
    if (error instanceof KooPhoneError) turned(error.results);
    throw error;
  }
}

function turned<L extends readonly unknown[]>(results: L): L {
  for (const { value } of results as unknown as { value?: { bytes: Uint8Array } | null }[]) {
    if (value) value.bytes = Uint8Array.from(value.bytes);
  }
  return results;
}
