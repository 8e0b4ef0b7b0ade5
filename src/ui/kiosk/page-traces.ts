/**
 * What a page keeps of the person before it, besides the engine and what is on the screen: object URLs, choices, drafts in storage, a selection, the
 * clipboard. From `begin` on until `erase`, which may be called again and again.
 */
export interface PageTraces {
  begin(): void;
  erase(): Promise<void>;
  /** Lets go of what it watches. */
  end(): void;
}

/** Of the app itself, not of a person: who locked it, what is installed. */
const KEPT = ['sill-kiosk', 'sill-installed'];

export function watchPageTraces(): PageTraces {
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
  let before = choices();

  return {
    begin() {
      before = choices();
    },
    async erase() {
      for (const url of urls) revokeObjectURL.call(URL, url);
      urls.clear();
      restore(before);
      quietly(() => sessionStorage.clear());
      getSelection()?.removeAllRanges();
      // Only a page in front may, and a browser may ask for a permission that nobody gives: what can be done is done.
      if (document.hasFocus()) await navigator.clipboard?.writeText('').catch(() => undefined);
    },
    end() {
      URL.createObjectURL = createObjectURL;
      URL.revokeObjectURL = revokeObjectURL;
    },
  };
}

/** Language and theme as they were, and nothing that a view noted since. */
function choices(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  quietly(() => {
    for (const key of Object.keys(localStorage)) {
      const value = localStorage.getItem(key);
      if (value !== null && isOwn(key)) found.set(key, value);
    }
  });
  return found;
}

function restore(before: ReadonlyMap<string, string>): void {
  quietly(() => {
    for (const key of Object.keys(localStorage)) if (isOwn(key) && !before.has(key)) localStorage.removeItem(key);
    for (const [key, value] of before) localStorage.setItem(key, value);
  });
}

const isOwn = (key: string): boolean => (key.startsWith('sill.') || key.startsWith('sill-')) && !KEPT.includes(key);

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Storage that is refused holds nothing.
  }
}
