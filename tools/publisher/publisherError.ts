/** What a script can tell apart. Documented in docs/publish.md and by `--help`. */
export const EXIT_CODES = {
  failed: 1,
  usage: 2,
  invalid: 3,
  keys: 4,
  locked: 5,
  evaluation: 6,
} as const;

export type Failure = keyof typeof EXIT_CODES;

/** A failure that the publisher can do something about: `message` says what. */
export class PublisherError extends Error {
  override readonly name = 'PublisherError';
  readonly failure: Failure;

  constructor(failure: Failure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}
