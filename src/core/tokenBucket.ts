/** How much may come at once after a silence: enough for a steady flow of network reads, too little for a burst that anybody notices. */
const BURST_SECONDS = 0.25;

/** Holds many takers together to one speed. Plain numbers in, plain numbers out. */
export class TokenBucket {
  readonly bytesPerSecond: number;
  #tokens: number;
  #atMs: number;

  constructor(bytesPerSecond: number, atMs: number) {
    this.bytesPerSecond = bytesPerSecond;
    this.#tokens = bytesPerSecond * BURST_SECONDS;
    this.#atMs = atMs;
  }

  /** Takes so many bytes, on credit where need be. @returns how long the taker has to wait for them to be paid */
  take(bytes: number, atMs: number): number {
    const earned = (Math.max(0, atMs - this.#atMs) * this.bytesPerSecond) / 1000;
    this.#tokens = Math.min(this.bytesPerSecond * BURST_SECONDS, this.#tokens + earned) - bytes;
    this.#atMs = Math.max(this.#atMs, atMs);
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1000) / this.bytesPerSecond;
  }
}
