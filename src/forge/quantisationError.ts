/** What an error is made of: of some rows of a matrix, to be added up with those of the others. */
export interface ErrorSums {
  readonly squares: number;
  readonly differences: number;
}

/** How far quantised weights are from what they stand for. */
export class QuantisationError implements ErrorSums {
  squares = 0;
  differences = 0;

  add(value: number, stored: number): void {
    this.squares += value * value;
    this.differences += (value - stored) * (value - stored);
  }

  /** The root of the squared differences over that of the squares; 0 for a matrix of zeros. */
  get relative(): number {
    return relativeError([this]);
  }
}

/** Over all rows, of the sums of some of them at a time. */
export function relativeError(sums: Iterable<ErrorSums>): number {
  let [squares, differences] = [0, 0];
  for (const each of sums) {
    squares += each.squares;
    differences += each.differences;
  }
  return squares > 0 ? Math.sqrt(differences / squares) : 0;
}
