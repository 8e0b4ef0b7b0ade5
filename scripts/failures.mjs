// What failed in a run of Vitest or of Playwright goes to one file as well, by name and with its error: a long run's output is cut by whoever keeps it, and the
// end of it is what is left. Without SILL_FAILURES, which names the file, nothing is written.
import { appendFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const LINES = 12;

/** @param errors what Vitest and Playwright hand over: with a message, and a stack that often begins with it */
function note(name, errors) {
  const file = process.env.SILL_FAILURES;
  if (file === undefined) return;
  const said = errors.map((error) => error.stack ?? error.message ?? error.value ?? 'no message').map(stripVTControlCharacters);
  const lines = said
    .flatMap((text) =>
      text
        .split('\n')
        .filter((line) => !/^\s+at .*node_modules/.test(line))
        .slice(0, LINES),
    )
    .map((line) => `    ${line}\n`);
  appendFileSync(file, `- ${name}\n${lines.join('')}`);
}

/** A reporter of Vitest: tests, and what failed outside of one (a file that does not load, a hook, a rejection that nobody awaited). */
export class VitestFailures {
  onTestRunEnd(modules, unhandled) {
    for (const module of modules) {
      if (module.errors().length > 0) note(module.relativeModuleId, module.errors());
      for (const suite of module.children.allSuites())
        if (suite.errors().length > 0) note(`${module.relativeModuleId} > ${suite.fullName}`, suite.errors());
      for (const test of module.children.allTests('failed')) note(`${module.relativeModuleId} > ${test.fullName}`, test.result().errors);
    }
    if (unhandled.length > 0) note('outside of any test', unhandled);
  }
}

/** A reporter of Playwright: also those that passed the second time, which is a fault to be found. */
export default class PlaywrightFailures {
  onBegin(_config, suite) {
    this.suite = suite;
  }
  onError(error) {
    note('outside of any test', [error]);
  }
  onEnd() {
    for (const test of this.suite?.allTests() ?? []) {
      const outcome = test.outcome();
      if (outcome === 'unexpected' || outcome === 'flaky')
        note(
          `${test.titlePath().filter(Boolean).join(' > ')} (${outcome})`,
          test.results.flatMap(({ errors }) => errors),
        );
    }
  }
  printsToStdio() {
    return false;
  }
}
