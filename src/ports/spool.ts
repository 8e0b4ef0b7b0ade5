/** Takes bytes that are on their way into the store out of memory. */
export interface Spool {
  /**
   * Lends `use` a Blob of each piece until it has ended.
   * @throws what `use` throws
   */
  through<T>(pieces: ReadonlyArray<Uint8Array<ArrayBuffer>>, use: (blobs: readonly Blob[]) => Promise<T>): Promise<T>;
}
