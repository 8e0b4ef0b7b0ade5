/** Gives back the memory of bytes that are done with, at once: a collector may leave hundreds of megabytes until it is pressed for room. */
export function release({ buffer }: Uint8Array<ArrayBuffer>): void {
  // Not in every browser: there it is left to the collector.
  if ('transfer' in buffer && typeof buffer.transfer === 'function') buffer.transfer(0);
}
