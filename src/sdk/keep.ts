import type { PagePowers } from './sill.ts';

type Asking = Pick<PagePowers, 'persist'>;

const open = new WeakSet<Asking>();

/**
 * Asks that what is about to be stored may stay when space runs short. Nobody waits for the answer: Firefox asks the person, who may leave the
 * question open for good. While it is open it is not put a second time.
 */
export function askToKeep(page: Asking): void {
  if (open.has(page)) return;
  open.add(page);
  const answered = () => void open.delete(page);
  // One that is refused the question by its browser goes on as well.
  page.persist().then(answered, answered);
}
