import { createHash } from 'node:crypto';
import { parseDigest, parseModelId, parseRevisionId, parseVariantId } from '../../core/ids.ts';
import { type ExecutionDevice, parseManifest } from '../../core/manifest.ts';
import { TINY } from '../../core/testing/tinyManifest.ts';
import type { Locks } from '../../ports/browser.ts';
import type { Store } from '../../ports/store.ts';

export const VARIANT = parseVariantId('int8-wasm');
export const SMALLER = parseVariantId('smaller-wasm');
const sha256 = (text: string) => parseDigest(`sha256:${createHash('sha256').update(text).digest('hex')}`);

export interface Made {
  readonly model: string;
  /** One chunk each. Equal texts are one chunk. */
  readonly parts: readonly string[];
  readonly atMs?: number;
  /** Begun and not finished. */
  readonly unfinished?: boolean;
  /** For the GPU it is a variant of 4 bits. */
  readonly device?: ExecutionDevice;
  /** What its publisher says that it takes. */
  readonly memoryBytes?: number;
  /** Of a second variant that takes less memory; its bytes are stored where `has` says so. */
  readonly smaller?: { readonly part: string; readonly memoryBytes: number; readonly has: boolean };
}

/** Puts a revision of a model made of these parts into a store, as an install would. */
export async function putModel(
  store: Store,
  { model, parts, atMs = 0, unfinished = false, device = 'wasm', memoryBytes = 1, smaller }: Made,
) {
  const modelId = parseModelId(model);
  const manifest = parseManifest({
    ...TINY,
    id: modelId,
    name: model,
    files: [...parts, ...(smaller ? [smaller.part] : [])].map((part, i) => ({
      path: `part${i}.bin`,
      sizeBytes: part.length,
      chunks: [{ digest: sha256(part), sizeBytes: part.length }],
    })),
    variants: [
      {
        id: VARIANT,
        dtype: device === 'wasm' ? 'int8' : 'q4',
        device,
        files: parts.map((_, i) => `part${i}.bin`),
        needs: { memoryBytes },
      },
      ...(smaller
        ? [
            {
              id: SMALLER,
              dtype: 'int8' as const,
              device: 'wasm' as const,
              files: [`part${parts.length}.bin`],
              needs: { memoryBytes: smaller.memoryBytes },
            },
          ]
        : []),
    ],
  });
  const revision = parseRevisionId(sha256(`${model} ${parts.join()}`));
  const entry = {
    modelId,
    revision,
    variant: VARIANT,
    startedAtMs: atMs,
    licenceAcceptedAtMs: atMs,
    state: 'paused',
    by: 'person',
    rank: 0,
  } as const;
  await store.models.beginInstall(entry, manifest);
  for (const part of parts) await store.chunks.put(sha256(part), new Blob([part]));
  if (smaller?.has) await store.chunks.put(sha256(smaller.part), new Blob([smaller.part]));
  if (!unfinished) await store.models.commitInstall(entry, atMs);
  return { modelId, revision, digests: parts.map(sha256) };
}

/** Locks of one origin: any number of holders by `share`, one by `tryHold`. Nobody ever waits. */
export function createFakeLocks(): Locks & { readonly held: Map<string, number> } {
  const held = new Map<string, number>();
  const during = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    held.set(name, (held.get(name) ?? 0) + 1);
    try {
      return await work();
    } finally {
      held.set(name, (held.get(name) ?? 1) - 1);
    }
  };
  return {
    held,
    tryHold: async (name, work) => ((held.get(name) ?? 0) > 0 ? undefined : { value: await during(name, work) }),
    hold: during,
    share: during,
    isHeld: async (name) => (held.get(name) ?? 0) > 0,
  };
}
