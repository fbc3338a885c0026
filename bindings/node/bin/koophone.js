#!/usr/bin/env node
'use strict';

// The command itself is native. It sees Ctrl-C and SIGTERM on its own and ends the calls under way; without a listener
// here Node would end the process first.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {});
}

// Killing npx, or a script of a package that runs this in the background, kills npm or a shell, which
// does not pass the signal on. A detached process is meant to outlive its parent.
const { npm_command: npm } = process.env;
if (npm !== undefined && !process.argv.includes('--detached')) {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGTERM'), 200).unref();
}

async function main() {
  const { native } = require('../dist/native.js');
  process.exit(await native().runCli(['koophone', ...process.argv.slice(2)]));
}

main().catch((error) => {
  // The addon's own errors are JSON behind its name: here, that no thread can be made.
  const [, details] = /^koophone:(\{.*)$/s.exec(error.message) ?? [];
  console.error(details === undefined ? error.message : JSON.parse(details).message);
  process.exit(1);
});
