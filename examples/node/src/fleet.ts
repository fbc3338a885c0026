// Which phones to test: those of the environment variable PHONES with your account, or eight of the emulator.

import { Client, Emulator } from 'koophone';

/** Phones, and a client that reaches them. */
export interface Fleet extends AsyncDisposable {
  readonly client: Client;
  readonly phones: readonly string[];
}

/** `PHONES=id1,id2 npm test` drives real phones: settings and credentials then come from the environment too. */
export async function openFleet(): Promise<Fleet> {
  const phones = process.env['PHONES']?.split(',');
  if (phones) {
    return { client: new Client(), phones, async [Symbol.asyncDispose]() {} };
  }
  const emulator = await Emulator.start({
    phones: 8,
    files: { '/sdcard/Download/game.apk': 'com.example.game' },
    rules: [
      { command: 'pm install -r /sdcard/Download/game.apk', stdout: 'Success', durationMs: 50 },
      { command: 'am start -W -n com.example.game/.Main', stdout: 'Status: ok' },
      { command: 'pidof com.example.game', stdout: '4711' },
    ],
  });
  return {
    client: emulator.client(),
    phones: emulator.instanceIds,
    [Symbol.asyncDispose]: () => emulator.close(),
  };
}
