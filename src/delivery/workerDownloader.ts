import { SillError } from '../core/errors.ts';
import { lostPart } from '../core/lostPart.ts';
import type { Adopter, Downloader } from '../ports/delivery.ts';
import type { Client } from '../protocol/client.ts';
import type { DownloadContract } from '../protocol/download.ts';
import { createIdleWorker } from './idleWorker.ts';

/** Downloads come in bursts (a model, its update); after this long without one the worker's memory is worth more than its start. */
const IDLE_MS = 30_000;

/**
 * A downloader that lives in a worker of its own, started for the first job and ended after a while without one. Rejects with
 * `worker_lost` when the worker dies; the next job starts a fresh one, and finds what was stored.
 */
export function createWorkerDownloader(spawn: () => Worker, { idleMs = IDLE_MS }: { readonly idleMs?: number } = {}): Downloader & Adopter {
  let limit: number | undefined;
  /** A worker that dies of it is told by the download that it carries. */
  const tellLimit = (client: Client<DownloadContract>) =>
    void client.call('limit', limit === undefined ? {} : { bytesPerSecond: limit }).catch(() => undefined);
  const worker = createIdleWorker<DownloadContract>({
    spawn,
    idleMs,
    lost,
    onStart: (client) => limit !== undefined && tellLimit(client),
  });

  return {
    setLimit(bytesPerSecond) {
      if (bytesPerSecond === limit) return;
      limit = bytesPerSecond;
      const client = worker.running();
      if (client) tellLimit(client);
    },
    async download(job, { signal, onProgress }) {
      const files = job.files.map(({ url, chunks }) => ({
        url,
        chunks: chunks.map(({ digest, sizeBytes }) => ({ digest, sizeBytes })),
      }));
      await worker.call('download', { files }, { ...(signal ? { signal } : {}), ...(onProgress ? { onItem: onProgress } : {}) });
    },
    async adopt({ held, ...job }, { signal, onProgress }) {
      const params = { ...job, held: held.map(({ digest, sizeBytes }) => ({ digest, sizeBytes })) };
      await worker.call('adopt', params, { ...(signal ? { signal } : {}), ...(onProgress ? { onItem: onProgress } : {}) });
    },
  };
}

const lost = (cause: string): SillError =>
  new SillError('worker_lost', 'The download stopped because its worker failed. What was downloaded is kept; start it again to go on.', {
    details: { cause, ...lostPart('download') },
  });
