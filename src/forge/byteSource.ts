/** Reads a part of a file. Synchronous, as a worker and Node can both be. */
export interface ByteSource {
  readonly sizeBytes: number;
  read(offsetBytes: number, lengthBytes: number): Uint8Array;
}

/** Files one behind the other, read as if they were one. */
export function joinedSource(parts: readonly ByteSource[]): ByteSource {
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  return {
    sizeBytes,
    read(offsetBytes, lengthBytes) {
      const bytes = new Uint8Array(lengthBytes);
      let start = 0;
      for (const part of parts) {
        const from = Math.max(offsetBytes, start);
        const to = Math.min(offsetBytes + lengthBytes, start + part.sizeBytes);
        if (from < to) bytes.set(part.read(from - start, to - from), from - offsetBytes);
        start += part.sizeBytes;
      }
      return bytes;
    },
  };
}
