import { createDigests } from '../src/delivery/digests.ts';
import { createDownloader } from '../src/delivery/downloader.ts';
import type { Store } from '../src/ports/store.ts';
import { downloadContract } from '../src/protocol/download.ts';
import { serve } from '../src/protocol/server.ts';
import { openIdbStore } from '../src/storage/idbStore.ts';

let opening: Promise<Store> | undefined;

/** One connection for the worker's life; a refusal is not kept, because the person may allow storage and try again. */
const openStore = (): Promise<Store> => {
  opening ??= openIdbStore().catch((reason: unknown) => {
    opening = undefined;
    throw reason;
  });
  return opening;
};

serve(
  downloadContract,
  {
    async download(job, { signal, emit }) {
      const { chunks } = await openStore();
      const downloader = createDownloader({ fetcher: (url, init) => fetch(url, init), chunks, digests: createDigests(crypto.subtle) });
      await downloader.download(job, {
        signal,
        onProgress(progress) {
          // Rejects only when the call was cancelled, and that reaches the downloader by its signal.
          emit(progress).catch(() => undefined);
        },
      });
      return null;
    },
  },
  self,
);
