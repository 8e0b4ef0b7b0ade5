import { createAdopter } from '../src/delivery/adopter.ts';
import { createDigests } from '../src/delivery/digests.ts';
import { createDownloader } from '../src/delivery/downloader.ts';
import { createThrottle } from '../src/delivery/throttle.ts';
import { openWorkerDoor } from '../src/platform/networkDoor.ts';
import type { Downloader } from '../src/ports/delivery.ts';
import type { Store } from '../src/ports/store.ts';
import { downloadContract } from '../src/protocol/download.ts';
import { serve } from '../src/protocol/server.ts';
import { openIdbStore } from '../src/storage/idbStore.ts';

let opening: Promise<Opened> | undefined;
interface Opened {
  readonly store: Store;
  readonly downloader: Downloader;
}

const fetcher = openWorkerDoor('download').for('model');
const digests = createDigests(crypto.subtle);
/** One speed for all that this worker receives. */
const throttle = createThrottle(() => performance.now());

/** One connection for the worker's life; a refusal is not kept, because the person may allow storage and try again. */
const open = (): Promise<Opened> => {
  opening ??= openIdbStore().then(
    (store) => ({ store, downloader: createDownloader({ fetcher, chunks: store.chunks, digests, throttle }) }),
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
      await (await open()).downloader.download(job, {
        signal,
        onProgress(progress) {
          // Rejects only when the call was cancelled, and that reaches the downloader by its signal.
          emit(progress).catch(() => undefined);
        },
      });
      return null;
    },
    async limit({ bytesPerSecond }) {
      throttle.setLimit(bytesPerSecond);
      return null;
    },
    async adopt({ sha256, ...job }, { signal, emit }) {
      const adopt = createAdopter({ fetcher, store: (await open()).store, digests, throttle });
      await adopt(
        { ...job, ...(sha256 === undefined ? {} : { sha256 }) },
        { signal, onProgress: (progress) => void emit(progress).catch(() => undefined) },
      );
      return null;
    },
  },
  self,
);
