/** From 32 tokens in a call on ONNX Runtime computes attention with a shader that takes at least so many keys for the threads of a subgroup. */
const KEYS_OF_SUBGROUP = 8;
const LONGEST_SOUND_CALL = 31;

/**
 * On a GPU whose subgroups are smaller (the software adapter's have 4 threads, as those of some Mali have) that shader counts keys twice, and the scores
 * are nonsense; with fewer tokens another one computes, rightly. Where the size is not told, nothing is taken for granted.
 * @returns how many tokens a call may have
 */
export function longestSoundCall(hasSubgroups: boolean, subgroupMinSize = 0): number {
  return !hasSubgroups || subgroupMinSize >= KEYS_OF_SUBGROUP ? Number.POSITIVE_INFINITY : LONGEST_SOUND_CALL;
}
