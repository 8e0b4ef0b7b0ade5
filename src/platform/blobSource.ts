import { unreadable } from '../core/importing.ts';

/** Reads parts of a Blob at once, as only a worker may. The Blob is not copied: a file is read where it lies. */
export function blobSource(blob: Blob): { readonly sizeBytes: number; read(offsetBytes: number, lengthBytes: number): Uint8Array } {
  const reader = new FileReaderSync();
  return {
    sizeBytes: blob.size,
    read(offsetBytes, lengthBytes) {
      try {
        return new Uint8Array(reader.readAsArrayBuffer(blob.slice(offsetBytes, offsetBytes + lengthBytes)));
      } catch (cause) {
        throw unreadable(cause);
      }
    },
  };
}
