import { runtimeUrls } from './assets.ts';

/** Of workers only, so that other environments do not know it. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

/** Of one read. The browser holds as much once more while it reads. */
const PIECE_BYTES = 8 * 2 ** 20;

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
  private tensor = new Uint8Array(new ArrayBuffer(0));

  constructor(private readonly blob: Blob) {
    super(new ArrayBuffer(0));
  }

  override get byteLength(): number {
    return this.blob.size;
  }

  /** Valid until the next call. */
  override subarray(begin = 0, end = this.blob.size): Uint8Array<ArrayBuffer> {
    const length = end - begin;
    if (this.tensor.byteLength < length) {
      this.free();
      this.tensor = new Uint8Array(length);
    }
    for (let at = begin; at < end; at += PIECE_BYTES) {
      const piece = this.reader.readAsArrayBuffer(this.blob.slice(at, Math.min(at + PIECE_BYTES, end)));
      this.tensor.set(new Uint8Array(piece), at - begin);
      release(piece);
    }
    return this.tensor.subarray(0, length);
  }

  /** Gives back what the last call took. */
  free(): void {
    release(this.tensor.buffer);
    this.tensor = new Uint8Array(new ArrayBuffer(0));
  }
}

let drain: Worker | undefined;

/**
 * Gives memory back at once. While a model loads no garbage is collected, since this thread does not come to rest, and of a gigabyte read in pieces
 * 130 to 400 MiB stood there at the end. `transfer()` of the buffer changes nothing: Chromium's own object of it keeps the memory. What is moved
 * to a worker that has ended belongs to nobody and is freed.
 */
function release(buffer: ArrayBuffer): void {
  if (!drain) {
    // Any script of ours will do: it is not run.
    drain = new Worker(new URL(runtimeUrls('plain').mjs, import.meta.url).href, { type: 'module' });
    drain.terminate();
  }
  drain.postMessage(undefined, [buffer]);
}
