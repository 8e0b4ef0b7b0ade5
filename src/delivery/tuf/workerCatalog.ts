import { SillError } from '../../core/errors.ts';
import type { CatalogSource } from '../../ports/delivery.ts';
import type { VerificationContract } from '../../protocol/verification.ts';
import { createIdleWorker } from '../idleWorker.ts';
import { fileUrlBelow } from './repository.ts';

/** The list is asked for in bursts: by a view, by an install, by an update. */
const IDLE_MS = 30_000;

/**
 * `createTufCatalog` in a worker, one for all places: what somebody else wrote is read, parsed and verified where nothing waits for it,
 * and the engine sees only what came out well.
 * @returns the catalog at an address, absolute and with the slash at its end
 */
export function createWorkerCatalogs(
  spawn: () => Worker,
  { idleMs = IDLE_MS }: { readonly idleMs?: number } = {},
): (baseUrl: string) => CatalogSource {
  const worker = createIdleWorker<VerificationContract>({ spawn, idleMs, lost });
  const until = (signal: AbortSignal | undefined) => (signal ? { signal } : {});
  return (baseUrl) => ({
    catalog: (signal) => worker.call('catalog', { baseUrl }, until(signal)),
    known: async () => (await worker.call('known', { baseUrl })) ?? undefined,
    manifest: (entry, signal) => worker.call('manifest', { baseUrl, entry }, until(signal)),
    proof: (entry, signal) => worker.call('proof', { baseUrl, entry }, until(signal)),
    fileUrl: (entry, path) => fileUrlBelow(baseUrl, entry, path),
  });
}

const lost = (cause: string): SillError =>
  new SillError(
    'catalog_unavailable',
    'The list of models could not be checked, because the worker that does it failed. Installed models keep working. Try again.',
    { details: { cause } },
  );
