import * as v from 'valibot';

/** More than five hundred cases of a page each; read and written whole. */
export const SUITE_CAP_CHARS = 8_000_000;

/** A name that a person gives: no colon, so that it never looks like a publisher's (`publisher:<model>`). */
export const SuiteNameSchema = v.pipe(
  v.string('name the suite'),
  v.trim(),
  v.regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._()-]{0,79}$/u,
    'a name of a suite begins with a letter or a digit, and has up to 80 letters, digits, spaces and ._()-',
  ),
);

export const SuiteTextSchema = v.pipe(v.string(), v.maxLength(SUITE_CAP_CHARS, 'a suite has at most 8 million characters'));

export const StoredSuiteSchema = v.object({
  id: SuiteNameSchema,
  text: SuiteTextSchema,
  savedAtMs: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15)),
});

const PUBLISHER_PREFIX = 'publisher:';

/** The suite that a model's publisher put into its manifest. */
export const publisherSuite = (model: string): string => `${PUBLISHER_PREFIX}${model}`;

/** Whose it is, for those of publishers. */
export const suiteModel = (id: string): string | undefined =>
  id.startsWith(PUBLISHER_PREFIX) ? id.slice(PUBLISHER_PREFIX.length) : undefined;
