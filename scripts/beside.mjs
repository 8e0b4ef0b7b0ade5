import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, root } from './node.mjs';

/**
 * Begins a package's command line beside what is done meanwhile, which goes first: not at the lowest priority, at which it would stand still for so long that
 * its own time limits pass. Its words go to a file: while a step runs in the foreground nobody would empty a pipe.
 * @returns when it has ended, a function that shows its words and says whether it passed
 */
export function beside(name, args, options) {
  const folder = mkdtempSync(join(tmpdir(), 'sill-beside-'));
  const file = join(folder, 'words');
  const words = openSync(file, 'w');
  const child = spawn(process.execPath, [binary(name), ...args], { cwd: root, ...options, stdio: ['ignore', words, words] });
  closeSync(words);
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  return new Promise((resolve) => {
    const end = (passed) =>
      resolve(() => {
        process.stdout.write(readFileSync(file));
        rmSync(folder, { recursive: true });
        return passed;
      });
    child.once('error', (error) => {
      console.error(`${name} could not be started: ${error.message}`);
      end(false);
    });
    child.once('close', (code) => end(code === 0));
  });
}
