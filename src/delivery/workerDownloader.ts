import { SillError } from '../core/errors.ts';
import type { Adopter, Downloader } from '../ports/delivery.ts';
import { type Client, createClient } from '../protocol/client.ts';
import type { DownloadContract } from '../protocol/download.ts';

/** Downloads come in bursts (a model, its update); after this long without one the worker's memory is worth more than its start. */
const IDLE_MS = 30_000;

interface Running {
  readonly worker: Worker;
  readonly client: Client<DownloadContract>;
}

/**
 * A downloader that lives in a worker of its own, started for the first job and ended after a while without one. Rejects with
 * `worker_lost` when the worker dies; the next job starts a fresh one, and finds what was stored.
 */
export function createWorkerDownloader(spawn: () => Worker, { idleMs = IDLE_MS }: { readonly idleMs?: number } = {}): Downloader & Adopter {
  let running: Running | undefined;
  let jobs = 0;
  let idleTimer: ReturnType<typeof setTimeout> | undefined;
  let limit: number | undefined;

  const end = (reason: SillError) => {
    running?.worker.terminate();
    running?.client.close(reason);
    running = undefined;
  };

  const start = (): Running => {
    const worker = spawn();
    const lost = (event: Event) => {
      if (running?.worker !== worker) return;
      // Handled here: unprevented, it would go on to the engine as an uncaught error.
      event.preventDefault();
      const cause = 'message' in event && typeof event.message === 'string' ? event.message : event.type;
      end(
        new SillError(
          'worker_lost',
          'The download stopped because its worker failed. What was downloaded is kept; start it again to go on.',
          {
            details: { cause },
          },
        ),
      );
    };
    worker.addEventListener('error', lost);
    worker.addEventListener('messageerror', lost);
    const client = createClient<DownloadContract>(worker);
    if (limit !== undefined) tellLimit(client);
    return { worker, client };
  };

  /** A worker that dies of it is told by the download that it carries. */
  const tellLimit = (client: Client<DownloadContract>) =>
    void client.call('limit', limit === undefined ? {} : { bytesPerSecond: limit }).catch(() => undefined);

  const during = async (work: (client: Running['client']) => Promise<unknown>): Promise<void> => {
    clearTimeout(idleTimer);
    jobs += 1;
    try {
      running ??= start();
      await work(running.client);
    } finally {
      jobs -= 1;
      if (jobs === 0) idleTimer = setTimeout(() => end(new SillError('worker_lost', 'The download worker was ended.')), idleMs);
    }
  };

  return {
    setLimit(bytesPerSecond) {
      if (bytesPerSecond === limit) return;
      limit = bytesPerSecond;
      if (running) tellLimit(running.client);
    },
    download: (job, { signal, onProgress }) =>
      during((client) => {
        const files = job.files.map(({ url, chunks }) => ({
          url,
          chunks: chunks.map(({ digest, sizeBytes }) => ({ digest, sizeBytes })),
        }));
        return client.call('download', { files }, { ...(signal ? { signal } : {}), ...(onProgress ? { onItem: onProgress } : {}) });
      }),
    adopt: ({ held, leased, ...job }, { signal, onChunk }) =>
      during((client) =>
        client.call(
          'adopt',
          { ...job, held: [...held], leased: [...leased] },
          { ...(signal ? { signal } : {}), ...(onChunk ? { onItem: onChunk } : {}) },
        ),
      ),
  };
}
