/** Offsets that the ONNX specification recommends for external data, so that a reader may map pages of it. */
const ALIGNMENT_BYTES = 4096;

export interface DataRange {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** Weights that come of one computation. */
export interface MadeWeights {
  readonly parts: readonly ArrayBufferView[];
  /** How far they are from the numbers that they stand for: the root of the squared differences over that of the squares, 0 where they are kept. */
  readonly error?: number;
}

/** The file beside a `.onnx` that holds its weights, filled front to back; the same calls give the same bytes. */
export interface WeightData {
  /** Name of the file, as the `.onnx` states it; both lie in one folder. */
  readonly location: string;
  append(bytes: Uint8Array): DataRange;
  /** Weights of known sizes in bytes, made now or when their turn comes. */
  appendMade(name: string, sizesBytes: readonly number[], make: () => MadeWeights): DataRange[];
}

/** The next place in a file, and how far it is padded up to there. */
class Places {
  sizeBytes = 0;

  next(sizeBytes: number): DataRange & { readonly paddingBytes: number } {
    const paddingBytes = (ALIGNMENT_BYTES - (this.sizeBytes % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES;
    const offsetBytes = this.sizeBytes + paddingBytes;
    this.sizeBytes = offsetBytes + sizeBytes;
    return { offsetBytes, sizeBytes, paddingBytes };
  }
}

export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);

/** Written as it is filled; nothing is kept, so a model larger than memory can be converted one tensor at a time. */
export class ExternalData implements WeightData {
  readonly #places = new Places();
  /** Of the matrices that were quantised, in the order of the graph. */
  readonly errors: Array<{ readonly name: string; readonly error: number }> = [];
  /** Of the largest tensor: a GPU needs a buffer of that size. */
  largestBytes = 0;

  /** @param write takes the next bytes of the file; they may be reused once it returns */
  constructor(
    readonly location: string,
    private readonly write: (bytes: Uint8Array) => void,
  ) {}

  get sizeBytes(): number {
    return this.#places.sizeBytes;
  }

  append(bytes: Uint8Array): DataRange {
    const { paddingBytes, ...range } = this.#places.next(bytes.byteLength);
    if (paddingBytes > 0) this.write(new Uint8Array(paddingBytes));
    this.write(bytes);
    this.largestBytes = Math.max(this.largestBytes, bytes.byteLength);
    return range;
  }

  appendMade(name: string, _sizesBytes: readonly number[], make: () => MadeWeights): DataRange[] {
    const { parts, error } = make();
    if (error !== undefined) this.errors.push({ name, error });
    return parts.map((part) => this.append(bytesOf(part)));
  }
}

/** One computation of a plan and where its results lie. */
export interface PlannedWeights {
  /** The prefix of the weights' names, as `model.layers.0.mlp.down_proj`. Absent for what is kept as it is. */
  readonly name?: string;
  readonly ranges: readonly DataRange[];
  readonly make: () => MadeWeights;
}

/**
 * Knows where every weight will lie before any is made, so that they can be made later, in any order, again, and by several workers. The same
 * bytes as `ExternalData` writes.
 */
export class PlannedData implements WeightData {
  readonly #places = new Places();
  readonly steps: PlannedWeights[] = [];

  constructor(readonly location: string) {}

  get sizeBytes(): number {
    return this.#places.sizeBytes;
  }

  append(bytes: Uint8Array): DataRange {
    const { paddingBytes: _padding, ...range } = this.#places.next(bytes.byteLength);
    this.steps.push({ ranges: [range], make: () => ({ parts: [bytes] }) });
    return range;
  }

  appendMade(name: string, sizesBytes: readonly number[], make: () => MadeWeights): DataRange[] {
    const ranges = sizesBytes.map((sizeBytes) => {
      const { paddingBytes: _padding, ...range } = this.#places.next(sizeBytes);
      return range;
    });
    this.steps.push({ name, ranges, make });
    return ranges;
  }
}
