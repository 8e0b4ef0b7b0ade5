/**
 * Named steps of a run, of which a failed one does not keep the others from telling what they found.
 * @returns `check` runs one and says whether it passed; `fail` notes one that could not even begin; `end` says how all of it went, and with a failure
 *   ends the process with 1
 */
export function createChecks() {
  const failed = [];
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
      if (failed.length === 0) return console.log(`\n${words}`);
      console.error(`\nFailed: ${failed.join(', ')}.`);
      process.exit(1);
    },
  };
}
