#!/usr/bin/env node
'use strict';

// The command itself is native. It sees Ctrl-C and SIGTERM on its own and ends the calls under way; without a listener here
// Node would end the process first.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {});
}

async function main() {
  const { native } = require('../dist/native.js');
  process.exit(await native().runCli(['koophone', ...process.argv.slice(2)]));
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
