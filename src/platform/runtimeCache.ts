import type { RuntimeBuild } from '../core/builds.ts';
import { SillError } from '../core/errors.ts';
import type { RuntimeAssets } from '../ports/browser.ts';
import type { Fetcher } from '../ports/delivery.ts';
import { RUNTIME_CACHE } from '../protocol/caches.ts';

/**
 * Keeps the runtime's files in Cache Storage by their hashed names, so that what is kept is always what this version of the app asks for.
 * Files of other versions are dropped once the new ones are in.
 */
export function createRuntimeCache(
  urlsOf: (build: RuntimeBuild) => readonly string[],
  allUrls: () => readonly string[],
  sizes: Readonly<Record<RuntimeBuild, number>>,
  fetcher: Fetcher,
): RuntimeAssets {
  return {
    sizeBytes: (build) => sizes[build],
    async ensure(build, signal) {
      const cache = await caches.open(RUNTIME_CACHE).catch((reason: unknown) => {
        throw new SillError(
          'storage_unavailable',
          'This browser lets the page store nothing, so nothing can be installed. Leave private browsing or allow site data.',
          { cause: reason },
        );
      });
      for (const url of urlsOf(build)) if (!(await cache.match(url))) await keep(cache, fetcher, url, signal);
      const current = new Set(allUrls().map((url) => new URL(url, location.href).href));
      for (const request of await cache.keys()) if (!current.has(request.url)) await cache.delete(request);
    },
    async keepOnly(builds) {
      const cache = await caches.open(RUNTIME_CACHE);
      const kept = new Set([...builds].flatMap(urlsOf));
      for (const url of allUrls()) if (!kept.has(url)) await cache.delete(url);
    },
    async has(build) {
      // Where storage is refused nothing is kept.
      const cache = await caches.open(RUNTIME_CACHE).catch(() => undefined);
      const found = await Promise.all(urlsOf(build).map(async (url) => cache?.match(url)));
      return found.every((response) => response !== undefined);
    },
  };
}

async function keep(cache: Cache, fetcher: Fetcher, url: string, signal: AbortSignal | undefined): Promise<void> {
  let response: Response;
  try {
    response = await fetcher(url, signal ? { signal } : {});
  } catch (reason) {
    signal?.throwIfAborted();
    throw new SillError(
      'network_unavailable',
      'The model runtime could not be fetched because the network is gone. Connect and install again: it goes on from here.',
      { cause: reason },
    );
  }
  if (!response.ok || response.headers.get('content-type')?.includes('text/html')) {
    throw new SillError(
      'network_unavailable',
      `The server does not serve the model runtime (${url.split('/').at(-1)}, status ${response.status}). Ask its operator to deploy the app again.`,
      {
        details: { status: response.status },
      },
    );
  }
  try {
    await cache.put(url, response);
  } catch (reason) {
    const full = reason instanceof DOMException && reason.name === 'QuotaExceededError';
    throw full
      ? new SillError(
          'quota_exceeded',
          'There is no room left for the model runtime. Free disk space or remove a model, then install again.',
          { cause: reason },
        )
      : new SillError('network_unavailable', 'The model runtime could not be fetched completely. Install again: it goes on from here.', {
          cause: reason,
        });
  }
}
