import { release } from '../core/releasedBuffer.ts';

/** Of workers only, so that other environments do not know it. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

/** Of one read, during which the browser holds as much once more. All tensors of a model of a billion parameters but its embedding are smaller. */
const READ_BYTES = 32 * 2 ** 20;

/** Whether this realm can read a Blob without waiting. */
export const canReadLazily = (): boolean => 'FileReaderSync' in globalThis;

/**
 * Bytes of a Blob that look like a `Uint8Array` to the glue of ONNX Runtime and are read when asked for, in a
 * worker, synchronously. The glue of every build reads external data by `byteLength` and `subarray()` alone and copies each
 * piece at once, so that the weights never stand whole in memory beside their copy: one tensor does. Held by a test
 * against the pinned version.
 */
export class LazyBytes extends Uint8Array<ArrayBuffer> {
  private readonly reader = new FileReaderSync();
  private tensor = new ArrayBuffer(0);

  constructor(private readonly blob: Blob) {
    super(new ArrayBuffer(0));
  }

  override get byteLength(): number {
    return this.blob.size;
  }

  /** Valid until the next call. */
  override subarray(begin = 0, end = this.blob.size): Uint8Array<ArrayBuffer> {
    this.free();
    this.tensor = end - begin <= READ_BYTES ? this.read(begin, end) : this.readInParts(begin, end);
    return new Uint8Array(this.tensor);
  }

  private read(begin: number, end: number): ArrayBuffer {
    return this.reader.readAsArrayBuffer(this.blob.slice(begin, end));
  }

  private readInParts(begin: number, end: number): ArrayBuffer {
    const whole = new Uint8Array(end - begin);
    for (let at = begin; at < end; at += READ_BYTES) {
      const part = this.read(at, Math.min(at + READ_BYTES, end));
      whole.set(new Uint8Array(part), at - begin);
      release(part);
    }
    return whole.buffer;
  }

  /** Gives back what the last call took. */
  free(): void {
    release(this.tensor);
    this.tensor = new ArrayBuffer(0);
  }
}
