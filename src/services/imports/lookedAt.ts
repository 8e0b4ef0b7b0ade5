/** For so long what was fetched to be looked at waits for its import: a person reads what is in it, and agrees to its licence. */
const WAITS_MS = 10 * 60_000;

/** What lies at the address that was looked at last. It is held for the import that follows, and only for that: it may be gigabytes. */
export interface LookedAt {
  keep(url: string, files: readonly File[]): void;
  /** What was kept of that address. It is held no longer, nor is that of another one. */
  take(url: string): readonly File[] | undefined;
  drop(): void;
}

/** @param letGo told of what no import came for */
export function createLookedAt(letGo: (files: readonly File[]) => void, waitsMs = WAITS_MS): LookedAt {
  let held: { readonly url: string; readonly files: readonly File[] } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const drop = (): void => {
    clearTimeout(timer);
    if (held) letGo(held.files);
    held = undefined;
  };
  return {
    keep(url, files) {
      drop();
      held = { url, files };
      timer = setTimeout(drop, waitsMs);
    },
    take(url) {
      const files = held?.url === url ? held.files : undefined;
      if (files) held = undefined;
      drop();
      return files;
    },
    drop,
  };
}
