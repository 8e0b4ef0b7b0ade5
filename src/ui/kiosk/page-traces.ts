import * as v from 'valibot';
import { BEFORE_KEY, START_KEY } from './kiosk-keys.ts';

/**
 * What a page keeps of the person before it, besides the engine and what is on the screen: object URLs, choices, drafts in storage, a selection, the
 * clipboard. Everything is afterwards as it was when the kiosk began, however often that is.
 */
export interface PageTraces {
  /** @param what `clipboard`: what is in it may be of a person */
  erase(what: { readonly clipboard: boolean }): Promise<void>;
  /** Lets go of what it watches. With `lasting`, what is chosen from now on stays: the staff is there, or nobody holds the device any more. */
  end(): void;
}

/** Of the app itself, not of a person: who locked it, what is installed. */
const KEPT = ['sill-kiosk', 'sill-kiosk-tries', BEFORE_KEY, 'sill-installed', 'sill-era', START_KEY];
/** Not chosen but written. */
const WRITTEN = ['sill.write.prompt'];
const BeforeSchema = v.record(v.string(), v.string());

/** @param options `lasting`: what held before is known over reloads, so that what a person chose before one is found as well */
export function watchPageTraces({ lasting = false }: { readonly lasting?: boolean } = {}): PageTraces {
  const urls = new Set<string>();
  const { createObjectURL, revokeObjectURL } = URL;
  // Whoever makes one holds it as long as its element lives, and an element may be held by whoever looks for memory.
  URL.createObjectURL = (object) => {
    const url = createObjectURL.call(URL, object);
    urls.add(url);
    return url;
  };
  URL.revokeObjectURL = (url) => {
    urls.delete(url);
    revokeObjectURL.call(URL, url);
  };
  // Asked for at each use: where storage is refused the name alone throws.
  const before = [
    { storage: () => localStorage, kept: lasting ? lastingChoices() : choices(() => localStorage) },
    { storage: () => sessionStorage, kept: lasting ? new Map<string, string>() : choices(() => sessionStorage) },
  ];
  /** @param owned with what the owner of the device wrote, which is for none of those who come by */
  const putBack = (owned: boolean): void => {
    for (const { storage, kept } of before) restore(storage, owned ? kept : new Map([...kept].filter(([key]) => !WRITTEN.includes(key))));
  };

  return {
    async erase({ clipboard }) {
      for (const url of urls) revokeObjectURL.call(URL, url);
      urls.clear();
      putBack(!lasting);
      getSelection()?.removeAllRanges();
      // Only a page in front may, and a browser may ask for a permission that nobody gives: what can be done is done.
      if (clipboard && document.hasFocus()) await navigator.clipboard?.writeText('').catch(() => undefined);
    },
    end() {
      if (lasting) {
        putBack(true);
        // The next lock begins with what is chosen by then.
        quietly(() => localStorage.removeItem(BEFORE_KEY));
      }
      URL.createObjectURL = createObjectURL;
      URL.revokeObjectURL = revokeObjectURL;
    },
  };
}

/** Language and theme as they were, and nothing that a view noted since. */
function choices(storage: () => Storage): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  quietly(() => {
    for (const key of Object.keys(storage())) {
      const value = storage().getItem(key);
      if (value !== null && isOwn(key)) found.set(key, value);
    }
  });
  return found;
}

/** As when the device was locked; where that is not known, as they are. */
function lastingChoices(): ReadonlyMap<string, string> {
  let found: ReadonlyMap<string, string> | undefined;
  quietly(() => {
    const parsed = v.safeParse(BeforeSchema, JSON.parse(localStorage.getItem(BEFORE_KEY) ?? 'null'));
    if (parsed.success) found = new Map(Object.entries(parsed.output));
  });
  if (found) return found;
  const now = choices(() => localStorage);
  quietly(() => localStorage.setItem(BEFORE_KEY, JSON.stringify(Object.fromEntries(now))));
  return now;
}

function restore(storage: () => Storage, before: ReadonlyMap<string, string>): void {
  quietly(() => {
    for (const key of Object.keys(storage())) if (isOwn(key) && !before.has(key)) storage().removeItem(key);
    for (const [key, value] of before) storage().setItem(key, value);
  });
}

/** Other apps may live on the same origin, and what keeps count of reloads has to outlive them. */
const isOwn = (key: string): boolean => (key.startsWith('sill.') || key.startsWith('sill-')) && !KEPT.includes(key);

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Storage that is refused holds nothing.
  }
}
