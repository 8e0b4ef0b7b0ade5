/** Tokens that llama.cpp leaves free behind what is kept, however much is wanted. */
const LEAST_ROOM = 4;

/**
 * What a text goes on with when it does not fit into the context any more: its beginning and the latest half of what the context
 * holds besides, as llama.cpp's context shift.
 * @param keep tokens of the beginning, beside the very first one: models were trained to lean on that
 */
export function shiftContext(ids: readonly number[], keep: number, contextLength: number): number[] {
  const kept = Math.min(keep + 1, contextLength - LEAST_ROOM);
  const latest = (contextLength - kept) >> 1;
  return [...ids.slice(0, kept), ...ids.slice(-latest)];
}
