import { joined } from '../src/core/joinedBytes.ts';
import { TRANSCODED_DTYPES } from '../src/core/making.ts';
import { createDigests } from '../src/delivery/digests.ts';
import { hashFiles } from '../src/delivery/hashFiles.ts';
import { passing } from '../src/forge/byteSource.ts';
import { readGguf } from '../src/forge/gguf/readGguf.ts';
import { evenedParts, findInGguf, planForm, planTranscode } from '../src/forge/transcode/planTranscode.ts';
import { blobSource } from '../src/platform/blobSource.ts';
import { holdWorkers } from '../src/platform/heldWorkers.ts';
import { openWorkerDoor } from '../src/platform/networkDoor.ts';
import type { ModelFiles } from '../src/ports/forge.ts';
import type { Store } from '../src/ports/store.ts';
import { forgeContract } from '../src/protocol/forge.ts';
import { serve } from '../src/protocol/server.ts';
import { orOutOfMemory } from '../src/services/forms/forgeFaults.ts';
import { withQuantisers } from '../src/services/forms/quantisers.ts';
import { transcode } from '../src/services/forms/transcoding.ts';
import { fingerprintOf } from '../src/services/imports/fileFingerprint.ts';
import { openIdbStore } from '../src/storage/idbStore.ts';

/** More would hold more tensors at once than a tablet has memory for. */
const MAX_QUANTISERS = 2;

holdWorkers();
const digests = createDigests(crypto.subtle);
let opening: Promise<Store> | undefined;

/** A refusal is not kept, because the person may allow storage and try again. */
const open = (): Promise<Store> => {
  opening ??= openIdbStore().catch((reason: unknown) => {
    opening = undefined;
    throw reason;
  });
  return opening;
};

const ggufOf = (files: ModelFiles) => readGguf(files.map(blobSource));
const spawn = () => new Worker(new URL('./quantiser.worker.ts', import.meta.url), { type: 'module', name: 'quantiser' });

openWorkerDoor('forge');
serve(
  forgeContract,
  {
    async inspect({ files }) {
      const sizeBytes = files.reduce((sum, { size }) => sum + size, 0);
      const found = await orOutOfMemory(() => findInGguf(ggufOf(files), sizeBytes, TRANSCODED_DTYPES));
      return { ...found, fingerprint: await fingerprintOf(files, digests) };
    },
    plan: ({ files, ...recipe }) => orOutOfMemory(() => planForm(ggufOf(files), recipe)),
    even: ({ files, loudness }, { signal }) =>
      orOutOfMemory(async () => {
        const parts: Uint8Array[] = [];
        for (const part of evenedParts(readGguf(files.map((file) => passing(blobSource(file)))), loudness)) {
          parts.push(part);
          // Whoever gave it up is heard.
          await new Promise((resolve) => setTimeout(resolve));
          signal.throwIfAborted();
        }
        return joined(parts);
      }),
    transcode: ({ files, entry, ...recipe }, { signal, emit }) =>
      orOutOfMemory(async () => {
        const store = await open();
        const plan = planTranscode(ggufOf(files), recipe);
        // A report, not a stream: what is made does not wait for its reader.
        const onProgress = (progress: Parameters<typeof emit>[0]) => void emit(progress).catch(() => undefined);
        const count = Math.min(MAX_QUANTISERS, navigator.hardwareConcurrency);
        return withQuantisers({ spawn, count, files, recipe }, async (makers) => {
          // Of what goes again nobody asks what it came of. The digest is this thread's own work, and more of it than to store what is made.
          const failed = new AbortController();
          const hashing = recipe.dtype === 'q8' ? Promise.resolve([]) : hashFiles(files, AbortSignal.any([signal, failed.signal]));
          hashing.catch(() => undefined);
          try {
            const errors = await transcode({ store, digests, makers }, plan, { entry }, { signal, onProgress });
            return { errors, sha256: await hashing };
          } catch (reason) {
            // Nobody asks for the digest any more: the file may be gigabytes that are left to read.
            failed.abort();
            throw reason;
          }
        });
      }),
  },
  self,
);
