import type { CausalModel, ReadScores, Sequence } from './causalModel.ts';

/** From 32 tokens in a call on ONNX Runtime computes attention with a shader that takes at least so many keys for the threads of a subgroup. */
const KEYS_OF_SUBGROUP = 8;
const LONGEST_SOUND_CALL = 31;

/**
 * On a GPU whose subgroups are smaller (the software adapter's have 4 threads, as those of some Mali have) that shader counts keys twice, and the scores
 * are nonsense; with fewer tokens another one computes, rightly. Where the size is not told, nothing is taken for granted.
 * @returns how many tokens a call may have
 */
export function longestSoundCall({ features, adapterInfo }: Pick<GPUDevice, 'features' | 'adapterInfo'>): number {
  const isSound = !features.has('subgroups') || (adapterInfo.subgroupMinSize ?? 0) >= KEYS_OF_SUBGROUP;
  return isSound ? Number.POSITIVE_INFINITY : LONGEST_SOUND_CALL;
}

/** The same model, in calls of at most so many tokens. */
export function inShortCalls(model: CausalModel, longest: number): CausalModel {
  if (longest === Number.POSITIVE_INFINITY) return model;
  const shortened = (sequence: Sequence): Sequence => ({
    get length() {
      return sequence.length;
    },
    async forward(ids, isScored = true) {
      let from = 0;
      for (; ids.length - from > longest; from += longest) await sequence.forward(ids.slice(from, from + longest), false);
      return sequence.forward(ids.slice(from), isScored);
    },
    ...(sequence.forwardEach
      ? {
          async forwardEach(ids: readonly number[], read: ReadScores) {
            for (let from = 0; from < ids.length; from += longest)
              await sequence.forwardEach?.(ids.slice(from, from + longest), (scores, at) => read(scores, from + at));
          },
        }
      : {}),
    fork: () => shortened(sequence.fork()),
    keep: (from) => sequence.keep(from),
    restore: (blocks) => sequence.restore(blocks),
    release: () => sequence.release(),
  });
  return { ...model, start: () => shortened(model.start()) };
}
