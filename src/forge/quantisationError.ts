/**
 * How far quantised weights are from what they stand for: sums over some rows of a matrix, to be added up with those of the others. Loops that
 * quantise keep them in variables of their own: as fields of an object they took half of the time.
 */
export interface ErrorSums {
  readonly squares: number;
  readonly differences: number;
}

/** The root of the squared differences over that of the squares, of the sums of some rows at a time; 0 for a matrix of zeros. */
export function relativeError(sums: Iterable<ErrorSums>): number {
  let [squares, differences] = [0, 0];
  for (const each of sums) {
    squares += each.squares;
    differences += each.differences;
  }
  return squares > 0 ? Math.sqrt(differences / squares) : 0;
}
