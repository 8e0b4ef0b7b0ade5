import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Named steps of a run, of which a failed one does not keep the others from telling what they found.
 * @returns `check` runs one and says whether it passed; `fail` notes one that could not even begin; `end` says how all of it went, once more which tests failed
 *   and why, and with a failure ends the process with 1
 */
export function createChecks() {
  const failed = [];
  const folder = mkdtempSync(join(tmpdir(), 'sill-checks-'));
  const failures = join(folder, 'failures');
  writeFileSync(failures, '');
  process.env.SILL_FAILURES = failures;
  return {
    check(name, run) {
      console.log(`\n== ${name}`);
      const passed = run();
      if (!passed) failed.push(name);
      return passed;
    },
    fail(name, error) {
      console.error(error.message);
      failed.push(name);
    },
    end(words) {
      const tests = readFileSync(failures, 'utf8');
      rmSync(folder, { recursive: true });
      if (tests !== '') console.error(`\n== tests that failed, or passed the second time only\n${tests}`);
      if (failed.length === 0) return console.log(`\n${words}`);
      console.error(`\nFailed: ${failed.join(', ')}.`);
      process.exit(1);
    },
  };
}
