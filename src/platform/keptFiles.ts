import type { KeptFiles } from '../ports/browser.ts';
import { RUNTIME_CACHE, SHELL_CACHE_PREFIX } from '../protocol/caches.ts';

/** Sizes of what Cache Storage holds of this app. Other apps, and other copies of this one, may live on the same origin: theirs do not count. */
export function createKeptFiles(appUrl: string): KeptFiles {
  /** Each file is measured once: what a cache holds under an address does not change. */
  const known = new Map<string, number>();

  const sizeOf = async (cache: Cache, request: Request): Promise<number> => {
    const size = known.get(request.url) ?? (await (await cache.match(request))?.blob())?.size ?? 0;
    known.set(request.url, size);
    return size;
  };
  const sum = async (names: readonly string[]): Promise<number> => {
    let bytes = 0;
    for (const name of names) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) if (request.url.startsWith(appUrl)) bytes += await sizeOf(cache, request);
    }
    return bytes;
  };

  return {
    runtimeBytes: () => sum([RUNTIME_CACHE]),
    shellBytes: async () => sum((await caches.keys()).filter((name) => name.startsWith(SHELL_CACHE_PREFIX))),
  };
}
