/** Dot product of two vectors of the same length; of unit vectors it is the cosine. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** The `count` highest by `scoreOf`, best first. Equal scores keep their order. */
export function topBy<T>(items: Iterable<T>, count: number, scoreOf: (item: T) => number): Array<{ item: T; score: number }> {
  const best: Array<{ item: T; score: number }> = [];
  for (const item of items) {
    const score = scoreOf(item);
    const worst = best.at(-1);
    if (best.length === count && worst !== undefined && score <= worst.score) continue;
    const at = best.findIndex((other) => other.score < score);
    best.splice(at < 0 ? best.length : at, 0, { item, score });
    if (best.length > count) best.pop();
  }
  return best;
}
