import { SillError } from '../../core/errors.ts';
import type { Store } from '../../ports/store.ts';

/** What the suites ask of a test runner; vitest's globals fit. */
export interface Runner {
  test(name: string, body: () => Promise<void>): void;
  equal(actual: unknown, expected: unknown): void;
}

/** What a suite is written with: each test has an empty store of its own. */
export interface Suite {
  test(name: string, body: (store: Store) => Promise<void>): void;
  equal(actual: unknown, expected: unknown): void;
}

/** @param open gives an empty store each time, which is closed after its test */
export const suiteOver = ({ test, equal }: Runner, open: () => Promise<Store>): Suite => ({
  equal,
  test: (name, body) =>
    test(name, async () => {
      const store = await open();
      try {
        await body(store);
      } finally {
        store.close();
      }
    }),
});

/** The code that it fails with, or `resolved`. */
export const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'resolved',
    (reason: unknown) => (reason instanceof SillError ? reason.code : String(reason)),
  );
