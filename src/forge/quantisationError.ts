/** How far quantised weights are from what they stand for, over all of a matrix. */
export class QuantisationError {
  #squares = 0;
  #differences = 0;

  add(value: number, stored: number): void {
    this.#squares += value * value;
    this.#differences += (value - stored) * (value - stored);
  }

  /** The root of the squared differences over that of the squares; 0 for a matrix of zeros. */
  get relative(): number {
    return this.#squares > 0 ? Math.sqrt(this.#differences / this.#squares) : 0;
  }
}
