/** For so long what was fetched to be looked at waits for its import: a person reads what is in it, and agrees to its licence. */
const WAITS_MS = 10 * 60_000;

/** The file of an address that was looked at last. It is held for the import that follows, and only for that: it may be gigabytes. */
export interface LookedAt {
  keep(url: string, file: File): void;
  /** What was kept of that address. It is held no longer, nor is that of another one. */
  take(url: string): File | undefined;
  drop(): void;
}

/** @param letGo told of each that no import came for */
export function createLookedAt(letGo: (file: File) => void, waitsMs = WAITS_MS): LookedAt {
  let held: { readonly url: string; readonly file: File } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const drop = (): void => {
    clearTimeout(timer);
    if (held) letGo(held.file);
    held = undefined;
  };
  return {
    keep(url, file) {
      drop();
      held = { url, file };
      timer = setTimeout(drop, waitsMs);
    },
    take(url) {
      const file = held?.url === url ? held.file : undefined;
      if (file) held = undefined;
      drop();
      return file;
    },
    drop,
  };
}
