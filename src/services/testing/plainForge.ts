import { joined } from '../../core/joinedBytes.ts';
import type { TranscodedDtype } from '../../core/making.ts';
import { hashFiles } from '../../delivery/hashFiles.ts';
import { bytesOf } from '../../forge/externalData.ts';
import { readGguf } from '../../forge/gguf/readGguf.ts';
import { memorySource } from '../../forge/testing/tinyLlama.ts';
import { evenedParts, findInGguf, planForm, planTranscode } from '../../forge/transcode/planTranscode.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { Forge, ModelFiles } from '../../ports/forge.ts';
import type { Store } from '../../ports/store.ts';
import { transcode } from '../forms/transcoding.ts';
import { fingerprintOf } from '../imports/fileFingerprint.ts';

interface PlainForge {
  readonly store: () => Store;
  readonly digests: Digests;
  /** Forms that it tells of. */
  readonly dtypes: readonly TranscodedDtype[];
  /** Before a form is made, and before each piece of it. */
  readonly onForm?: (dtype: TranscodedDtype) => void;
  readonly onPiece?: (dtype: TranscodedDtype) => void;
}

const never = new AbortController().signal;
const ggufOf = async (files: ModelFiles) =>
  readGguf(await Promise.all(files.map(async (file) => memorySource(new Uint8Array(await file.arrayBuffer())))));

/** The forge's own work, without workers. */
export const createPlainForge = ({ store, digests, dtypes, onForm, onPiece }: PlainForge): Forge => ({
  async inspect(files) {
    const found = findInGguf(await ggufOf(files), files[0]?.size ?? 0, dtypes);
    return { ...found, fingerprint: await fingerprintOf(files, digests) };
  },
  plan: async (files, recipe) => planForm(await ggufOf(files), recipe),
  async even(files, loudness) {
    return joined([...evenedParts(await ggufOf(files), loudness)]);
  },
  async transcode({ files, entry, ...recipe }, { signal = never, onProgress = () => undefined }) {
    onForm?.(recipe.dtype);
    const plan = planTranscode(await ggufOf(files), recipe);
    const maker = async (step: number, piece: number) => {
      onPiece?.(recipe.dtype);
      signal.throwIfAborted();
      const { parts, error } = plan.weights.steps[step]?.make(piece) ?? { parts: [] };
      return { parts: parts.map((part) => new Uint8Array(bytesOf(part))), ...(error ? { error } : {}) };
    };
    const errors = await transcode({ store: store(), digests, makers: [maker] }, plan, { entry }, { signal, onProgress });
    return { errors, sha256: await hashFiles(files, signal) };
  },
});
