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
  const { runCli } = require('../dist/cli.js');
  process.exit(await runCli(process.argv.slice(2)));
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
