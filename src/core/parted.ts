/** In parts of at most so many, in order. */
export const parted = <Item>(items: readonly Item[], most: number): ReadonlyArray<readonly Item[]> =>
  Array.from({ length: Math.ceil(items.length / most) }, (_, i) => items.slice(i * most, (i + 1) * most));
