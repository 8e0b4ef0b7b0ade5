/** Of workers only, so that other environments do not know it. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

/**
 * Bytes of a Blob that look like a `Uint8Array` to the glue of ONNX Runtime and are read when asked for, in a
 * worker, synchronously. The glue reads external data by `byteLength` and `subarray()` alone and copies each
 * piece into the WASM heap at once, so that the weights never stand whole in memory beside it. Held by a test
 * against the pinned version.
 */
export class LazyBytes extends Uint8Array<ArrayBuffer> {
  private readonly reader = new FileReaderSync();

  constructor(private readonly blob: Blob) {
    super(new ArrayBuffer(0));
  }

  override get byteLength(): number {
    return this.blob.size;
  }

  override subarray(begin = 0, end = this.blob.size): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.reader.readAsArrayBuffer(this.blob.slice(begin, end)));
  }
}
