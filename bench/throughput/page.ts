import { createWorkerDownloader } from '../../src/delivery/workerDownloader.ts';
import type { DownloadJob } from '../../src/ports/delivery.ts';
import { openIdbStore } from '../../src/storage/idbStore.ts';

const downloader = createWorkerDownloader(
  () => new Worker(new URL('../../workers/download.worker.ts', import.meta.url), { type: 'module', name: 'download' }),
  { idleMs: 600_000 },
);
const store = openIdbStore();

/** Both give milliseconds. */
export interface Throughput {
  /** As short as it gets: into an ArrayBuffer, and forgotten. */
  fetched(url: string): Promise<number>;
  /** As an install: by ranges, each chunk verified, everything stored. What was stored is deleted afterwards, untimed. */
  installed(job: DownloadJob): Promise<number>;
}

declare global {
  var throughput: Throughput;
}

globalThis.throughput = {
  async fetched(url) {
    const startMs = performance.now();
    const response = await fetch(url, { cache: 'no-store' });
    const { byteLength } = await response.arrayBuffer();
    const tookMs = performance.now() - startMs;
    if (byteLength === 0) throw new Error(`${url} is empty`);
    return tookMs;
  },
  async installed(job) {
    const startMs = performance.now();
    await downloader.download(job, {});
    const tookMs = performance.now() - startMs;
    const { chunks } = await store;
    const digests = job.files.flatMap((file) => file.chunks.map((chunk) => chunk.digest));
    const missing = await chunks.missing(digests);
    if (missing.length > 0) throw new Error(`${missing.length} chunks were not stored`);
    await chunks.delete(digests);
    return tookMs;
  },
};
