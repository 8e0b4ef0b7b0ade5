// `npm run test:unit`: all tests of Vitest. Those that compute with real weights go one by one, since two at once do not fit in a small machine's memory;
// Vitest itself would begin with them when all others have ended, and leave a core idle for as long as they take.
import { spawn } from 'node:child_process';
import { binary, root } from './node.mjs';

/** @returns whether they passed. What is not shown while it runs is shown at its end. */
function vitest(args, { shown }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [binary('vitest'), 'run', ...args], {
      cwd: root,
      stdio: shown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => said.push(text));
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(said));
      resolve(code === 0);
    });
  });
}

// `npm run test:unit -- src/core` and the like.
const asked = process.argv.slice(2);
const passed = await Promise.all(
  asked.length > 0
    ? [vitest(asked, { shown: true })]
    : [vitest(['--project', 'node*', '--project', 'browser'], { shown: true }), vitest(['--project', 'models'], { shown: false })],
);
process.exitCode = passed.every(Boolean) ? 0 : 1;
