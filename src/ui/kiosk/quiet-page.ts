/**
 * A page without what leads out of it: no menus, no files that are dropped onto it, no links that are dragged.
 * @param onTouch whatever a person does
 * @returns the way back
 */
export function quietPage(onTouch: () => void): () => void {
  const prevent = (event: Event): void => event.preventDefault();
  const events = new AbortController();
  const { signal } = events;
  for (const type of ['contextmenu', 'dragstart', 'dragover', 'drop']) addEventListener(type, prevent, { signal });
  for (const type of ['pointerdown', 'keydown', 'input', 'wheel', 'touchmove'])
    addEventListener(type, onTouch, { signal, capture: true, passive: true });
  // A new window has no lock on it until its page is there; there is no reason for one.
  addEventListener(
    'click',
    (event) => {
      if (event.composedPath().some((target) => target instanceof HTMLAnchorElement)) event.preventDefault();
    },
    { signal, capture: true },
  );
  return () => events.abort();
}
