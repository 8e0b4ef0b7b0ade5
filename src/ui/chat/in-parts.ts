/** A part of thousands of records takes some milliseconds: a page that is used meanwhile does not feel it. */
const PART = 200;

/** Does it with every item, in parts between which the page may draw and hear. @returns the results in order */
export async function inParts<T, R>(items: readonly T[], work: (item: T) => R | Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let from = 0; from < items.length; from += PART) {
    if (from > 0) await new Promise((resolve) => setTimeout(resolve));
    done.push(...(await Promise.all(items.slice(from, from + PART).map(work))));
  }
  return done;
}
