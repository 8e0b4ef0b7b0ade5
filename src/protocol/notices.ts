import * as v from 'valibot';

/** An address within the app. Comes back from a notification that may be days old, so it is looked at again. */
const hash = v.pipe(v.string(), v.regex(/^#\/[\w-]+(\?[^#]*)?$/), v.maxLength(2000));

/** A page asks the service worker for a notification of the system. It shows none while the person looks at any page of the app. */
export const NotifySchema = v.object({
  type: v.literal('sill-notify'),
  /** One about a thing takes the place of the one before, and tabs that tell of the same thing tell it once. */
  tag: v.pipe(v.string(), v.minLength(1), v.maxLength(300)),
  title: v.pipe(v.string(), v.minLength(1), v.maxLength(300)),
  lang: v.pipe(v.string(), v.maxLength(20)),
  /** Where its click leads. */
  hash,
});
export type Notify = v.InferOutput<typeof NotifySchema>;

/** What a notification carries until it is clicked. */
export const NotifiedSchema = v.object({ hash });

/** The service worker asks a page to show what a notification told of. */
export const OpenSchema = v.object({ type: v.literal('sill-open'), hash });
export type Open = v.InferOutput<typeof OpenSchema>;
