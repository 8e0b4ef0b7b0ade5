import * as v from 'valibot';
import type { KeptFiles } from '../ports/browser.ts';
import type { SettingsStore } from '../ports/store.ts';
import { RUNTIME_CACHE, SHELL_CACHE_PREFIX } from '../protocol/caches.ts';

type Kind = 'runtime' | 'shell';

/** By address. */
const SizesSchema = v.record(v.string(), v.number());
type Sizes = Readonly<Record<string, number>>;

const keyOf = (kind: Kind): string => `kept-files:${kind}`;

/**
 * Sizes of what Cache Storage holds of this app. Other apps, and other copies of this one, may live on the same origin: theirs do not count.
 *
 * Each file is measured once, and the size remembered from one start to the next: what a cache holds under an address does not change, and asking for a hundred
 * files again at each start made the first model 0.3 s late (two cores, Chromium 156).
 */
export function createKeptFiles(appUrl: string, settings: Pick<SettingsStore, 'get' | 'set'>): KeptFiles {
  const known = new Map<Kind, Sizes>();

  /** Where nothing can be stored nothing is remembered. */
  const recall = async (kind: Kind): Promise<Sizes> => {
    const stored = v.safeParse(SizesSchema, await settings.get(keyOf(kind)).catch(() => undefined));
    return stored.success ? stored.output : {};
  };

  const sum = async (kind: Kind, names: readonly string[]): Promise<number> => {
    const before = known.get(kind) ?? (await recall(kind));
    const now: Record<string, number> = {};
    for (const name of names) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const { url } = request;
        if (!url.startsWith(appUrl)) continue;
        const size = before[url] ?? (await (await cache.match(request))?.blob())?.size;
        // One that went away in between has no size to be remembered.
        if (size !== undefined) now[url] = size;
      }
    }
    known.set(kind, now);
    const urls = Object.keys(now);
    if (urls.length !== Object.keys(before).length || urls.some((url) => before[url] === undefined))
      await settings.set(keyOf(kind), now).catch(() => undefined);
    return Object.values(now).reduce((all, size) => all + size, 0);
  };

  return {
    runtimeBytes: () => sum('runtime', [RUNTIME_CACHE]),
    async shellBytes() {
      const names = (await caches.keys()).filter((name) => name.startsWith(SHELL_CACHE_PREFIX));
      return sum('shell', names);
    },
  };
}
