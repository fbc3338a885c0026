// The emulator in a process of its own, so that its work is not counted as the client's. Ends with its standard input.
import { createRequire } from 'node:module';

const { Emulator } = createRequire(import.meta.url)('../dist/index.js');
const emulator = await Emulator.start({ phones: 32, rules: [{ command: 'long', stdout: 'x'.repeat(1020) }] });
const { endpoint, instanceIds, credentials } = emulator;
console.log(JSON.stringify({ endpoint, instanceIds, credentials }));
process.stdin.resume().on('end', () => process.exit(0));
