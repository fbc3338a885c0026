import { Client, Emulator } from 'koophone';

/** The phones in `PHONES=id1,id2` on your account; by default eight phones of an emulator that have the package. */
export async function openFleet(game: string): Promise<AsyncDisposable & { client: Client; ids: readonly string[] }> {
  const ids = process.env['PHONES']?.split(',');
  if (ids) return { client: new Client(), ids, async [Symbol.asyncDispose]() {} };
  const emulator = await Emulator.start({ phones: 8, files: { [`/sdcard/${game}.apk`]: 'its package' } });
  return { client: emulator.client(), ids: emulator.instanceIds, [Symbol.asyncDispose]: () => emulator.close() };
}
