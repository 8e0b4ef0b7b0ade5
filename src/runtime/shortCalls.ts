import { longestSoundCall } from '../core/soundCalls.ts';
import type { CausalModel, ReadScores, Sequence } from './causalModel.ts';

/** How many tokens a call may have on this GPU. */
export const longestSoundCallOn = ({ features, adapterInfo }: Pick<GPUDevice, 'features' | 'adapterInfo'>): number =>
  longestSoundCall(features.has('subgroups'), adapterInfo.subgroupMinSize);

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
