import { joined } from '../core/joinedBytes.ts';
import { type ErrorSums, relativeError } from './quantisationError.ts';

/** Offsets that the ONNX specification recommends for external data, so that a reader may map pages of it. */
const ALIGNMENT_BYTES = 4096;

export interface DataRange {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** Some rows of a weight: the next bytes of each of its parts. */
export interface MadePiece {
  readonly parts: readonly ArrayBufferView[];
  /** How far they are from the numbers that they stand for. Absent where nothing was quantised. */
  readonly error?: ErrorSums;
}

/** Weights that come of one computation, a few rows at a time: the largest part first, which is then written as it is made. */
export interface WeightMaking {
  readonly pieces: number;
  /** Any of them, in any order, again. */
  readonly make: (piece: number) => MadePiece;
}

/** How far a matrix is from the file: the root of the squared differences over that of the squares; undefined where nothing was quantised. */
export function errorOf(sums: ReadonlyArray<ErrorSums | undefined>): number | undefined {
  const known = sums.filter((each) => each !== undefined);
  return known.length > 0 ? relativeError(known) : undefined;
}

/** The file beside a `.onnx` that holds its weights, filled front to back; the same calls give the same bytes. */
export interface WeightData {
  /** Name of the file, as the `.onnx` states it; both lie in one folder. */
  readonly location: string;
  append(bytes: Uint8Array): DataRange;
  /** The same of bytes that are worked out, and held by nobody who does not write them. */
  appendLater(sizeBytes: number, make: () => Uint8Array): DataRange;
  /** Weights of known sizes in bytes, made now or when their turn comes. */
  appendMade(name: string, sizesBytes: readonly number[], making: WeightMaking): DataRange[];
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
  readonly errors: Array<{ readonly name: string; readonly error: number; readonly sizeBytes: number }> = [];
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

  appendLater(_sizeBytes: number, make: () => Uint8Array): DataRange {
    return this.append(make());
  }

  appendMade(name: string, sizesBytes: readonly number[], { pieces, make }: WeightMaking): DataRange[] {
    const [firstBytes = 0] = sizesBytes;
    const { paddingBytes, ...first } = this.#places.next(firstBytes);
    if (paddingBytes > 0) this.write(new Uint8Array(paddingBytes));
    this.largestBytes = Math.max(this.largestBytes, firstBytes);
    const sums: Array<ErrorSums | undefined> = [];
    const rest: Uint8Array[][] = sizesBytes.slice(1).map(() => []);
    for (let piece = 0; piece < pieces; piece++) {
      const { parts, error } = make(piece);
      sums.push(error);
      for (const [index, part] of parts.entries()) {
        if (index === 0) this.write(bytesOf(part));
        else rest[index - 1]?.push(bytesOf(part));
      }
    }
    const error = errorOf(sums);
    const total = sizesBytes.reduce((sum, sizeBytes) => sum + sizeBytes, 0);
    if (error !== undefined) this.errors.push({ name, error, sizeBytes: total });
    return [first, ...rest.map((part) => this.append(joined(part)))];
  }
}

/** One computation of a plan and where its results lie. */
export interface PlannedWeights {
  /** The prefix of the weights' names, as `model.layers.0.mlp.down_proj`. Absent for what is kept as it is. */
  readonly name?: string;
  readonly ranges: readonly DataRange[];
  readonly pieces: number;
  readonly make: WeightMaking['make'];
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
    return this.appendLater(bytes.byteLength, () => bytes);
  }

  appendLater(sizeBytes: number, make: () => Uint8Array): DataRange {
    const { paddingBytes: _padding, ...range } = this.#places.next(sizeBytes);
    this.steps.push({ ranges: [range], pieces: 1, make: () => ({ parts: [make()] }) });
    return range;
  }

  appendMade(name: string, sizesBytes: readonly number[], making: WeightMaking): DataRange[] {
    const ranges = sizesBytes.map((sizeBytes) => {
      const { paddingBytes: _padding, ...range } = this.#places.next(sizeBytes);
      return range;
    });
    this.steps.push({ name, ranges, ...making });
    return ranges;
  }
}
