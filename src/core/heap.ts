type Ids = Int32Array;
type Keys = Float32Array;

/** `descending` puts the largest key at the root. Equal keys: the lower id counts as larger, so that ties fall the same way everywhere. */
const precedes = (keys: Keys, a: number, b: number, descending: boolean): boolean => {
  const x = keys[a] ?? 0;
  const y = keys[b] ?? 0;
  return x === y ? a < b === descending : x > y === descending;
};

function siftDown(ids: Ids, keys: Keys, count: number, start: number, descending: boolean): void {
  const id = ids[start] ?? 0;
  let at = start;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= count) break;
    if (child + 1 < count && precedes(keys, ids[child + 1] ?? 0, ids[child] ?? 0, descending)) child += 1;
    if (!precedes(keys, ids[child] ?? 0, id, descending)) break;
    ids[at] = ids[child] ?? 0;
    at = child;
  }
  ids[at] = id;
}

/** Orders the first `count` ids as a heap whose root has the largest key. */
export function heapify(ids: Ids, keys: Keys, count: number, descending = true): void {
  for (let i = (count >> 1) - 1; i >= 0; i--) siftDown(ids, keys, count, i, descending);
}

/** Takes the root of a heap of `count` ids and puts it at `count - 1`: what is left in front is a heap again. */
export function popRoot(ids: Ids, keys: Keys, count: number, descending = true): number {
  const root = ids[0] ?? 0;
  ids[0] = ids[count - 1] ?? 0;
  ids[count - 1] = root;
  siftDown(ids, keys, count - 1, 0, descending);
  return root;
}

/** Fills `ids` with the ids of its length's largest keys, largest first, in one pass over the keys. */
export function selectLargest(ids: Ids, keys: Keys): void {
  const count = ids.length;
  for (let i = 0; i < count; i++) ids[i] = i;
  heapify(ids, keys, count, false);
  for (let i = count; i < keys.length; i++) {
    if ((keys[i] ?? 0) > (keys[ids[0] ?? 0] ?? 0)) {
      ids[0] = i;
      siftDown(ids, keys, count, 0, false);
    }
  }
  for (let left = count; left > 1; left--) popRoot(ids, keys, left, false);
}
