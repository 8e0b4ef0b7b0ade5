import { SillError } from '../../core/errors.ts';
import { lostPart } from '../../core/lostPart.ts';
import { createIdleWorker } from '../../delivery/idleWorker.ts';
import type { Forge } from '../../ports/forge.ts';
import type { ForgeContract } from '../../protocol/forge.ts';

/** What was inspected is imported soon or not at all; headers and vocabularies are worth no memory after that. */
const IDLE_MS = 30_000;

/** A forge that lives in a worker of its own, started when it is needed and ended after a while without work. */
export function createWorkerForge(spawn: () => Worker): Forge {
  const worker = createIdleWorker<ForgeContract>({ spawn, idleMs: IDLE_MS, lost });
  return {
    inspect: (files, { signal }) => worker.call('inspect', { files: [...files] }, signal ? { signal } : {}),
    plan: (files, { wider = [], ...recipe }, { signal }) =>
      worker.call('plan', { files: [...files], ...recipe, wider: [...wider] }, signal ? { signal } : {}),
    even: (files, loudness, { signal }) => worker.call('even', { files: [...files], loudness }, signal ? { signal } : {}),
    transcode: ({ files, wider = [], entry, ...recipe }, { signal, onProgress }) =>
      worker.call(
        'transcode',
        { files: [...files], ...recipe, wider: [...wider], entry },
        { ...(signal ? { signal } : {}), ...(onProgress ? { onItem: onProgress } : {}) },
      ),
  };
}

const lost = (cause: string): SillError =>
  new SillError(
    'worker_lost',
    'Rewriting the model stopped because its worker failed. What was made is kept, and the next try goes on from there.',
    {
      details: { cause, ...lostPart('forge') },
    },
  );
