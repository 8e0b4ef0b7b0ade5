import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CLI = join(import.meta.dirname, '../../sill.ts');

/** Runs the command line as a person does; what it writes and how it ends. */
export async function sill(...args: readonly string[]): Promise<{ readonly code: unknown; readonly out: string }> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', CLI, ...args]);
    return { code: 0, out: stdout };
  } catch (reason) {
    if (!(reason instanceof Error && 'code' in reason && 'stderr' in reason)) throw reason;
    return { code: reason.code, out: String(reason.stderr) };
  }
}
