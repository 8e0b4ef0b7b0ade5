import { START_KEY } from './kiosk-keys.ts';

/** To be called as the page begins: where the tab was opened is where a locked device begins again, whatever a person looks at in between. */
export function noteStart(): void {
  try {
    if (sessionStorage.getItem(START_KEY) === null) sessionStorage.setItem(START_KEY, location.hash);
  } catch {
    // Refused: it begins again where everybody lands.
  }
}

/** Without the view that is looked at now. */
export function startAddress(): string {
  let hash = '';
  try {
    hash = sessionStorage.getItem(START_KEY) ?? '';
  } catch {
    // As above.
  }
  return `${location.pathname}${location.search}${hash}`;
}
