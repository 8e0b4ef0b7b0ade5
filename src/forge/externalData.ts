/** Offsets that the ONNX specification recommends for external data, so that a reader may map pages of it. */
const ALIGNMENT_BYTES = 4096;

export interface DataRange {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/**
 * The file beside a `.onnx` that holds its weights. It is written front to back and nothing is kept, so a
 * model larger than memory can be converted one tensor at a time; the same calls give the same bytes.
 */
export class ExternalData {
  #sizeBytes = 0;

  /**
   * @param location name of the file, as the `.onnx` states it; both lie in one folder
   * @param write takes the next bytes of the file; they may be reused once it returns
   */
  constructor(
    readonly location: string,
    private readonly write: (bytes: Uint8Array) => void,
  ) {}

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Adds one tensor, which may come in pieces. */
  append(pieces: Iterable<Uint8Array>): DataRange {
    const padding = (ALIGNMENT_BYTES - (this.#sizeBytes % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES;
    if (padding > 0) this.write(new Uint8Array(padding));
    const offsetBytes = this.#sizeBytes + padding;
    let sizeBytes = 0;
    for (const piece of pieces) {
      this.write(piece);
      sizeBytes += piece.byteLength;
    }
    this.#sizeBytes = offsetBytes + sizeBytes;
    return { offsetBytes, sizeBytes };
  }
}
