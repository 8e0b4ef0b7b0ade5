/** Reads a part of a file. Synchronous, as a worker and Node can both be. */
export interface ByteSource {
  readonly sizeBytes: number;
  read(offsetBytes: number, lengthBytes: number): Uint8Array;
}
