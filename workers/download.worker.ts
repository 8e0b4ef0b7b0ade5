import { createDigests } from '../src/delivery/digests.ts';
import { createDownloader } from '../src/delivery/downloader.ts';
import type { Downloader } from '../src/ports/delivery.ts';
import { downloadContract } from '../src/protocol/download.ts';
import { serve } from '../src/protocol/server.ts';
import { openIdbStore } from '../src/storage/idbStore.ts';

let opening: Promise<Downloader> | undefined;
let bytesPerSecond: number | undefined;

/** One connection for the worker's life; a refusal is not kept, because the person may allow storage and try again. */
const downloader = (): Promise<Downloader> => {
  opening ??= openIdbStore().then(
    ({ chunks }) => {
      const created = createDownloader({ fetcher: (url, init) => fetch(url, init), chunks, digests: createDigests(crypto.subtle) });
      created.setLimit(bytesPerSecond);
      return created;
    },
    (reason: unknown) => {
      opening = undefined;
      throw reason;
    },
  );
  return opening;
};

serve(
  downloadContract,
  {
    async download(job, { signal, emit }) {
      await (await downloader()).download(job, {
        signal,
        onProgress(progress) {
          // Rejects only when the call was cancelled, and that reaches the downloader by its signal.
          emit(progress).catch(() => undefined);
        },
      });
      return null;
    },
    async limit(limit) {
      bytesPerSecond = limit.bytesPerSecond;
      // Before the first download there is none; it will find the limit.
      (await opening)?.setLimit(bytesPerSecond);
      return null;
    },
  },
  self,
);
