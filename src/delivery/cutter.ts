import { endOf, type Piece } from './transferPlan.ts';

export interface CutPiece {
  readonly piece: Piece;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Wanted {
  readonly fromBytes: number;
  readonly lastBytes: number;
}

/** Cuts a file that arrives in any portions into its pieces. Keeps half a piece, so that a broken request goes on where it stopped. */
export class Cutter {
  readonly #pieces: Piece[];
  #filling: { bytes: Uint8Array<ArrayBuffer>; filledBytes: number } | undefined;

  /** In file order. */
  constructor(pieces: readonly Piece[]) {
    this.#pieces = [...pieces];
  }

  /** Pieces of the same file, behind those that it has. */
  append(pieces: readonly Piece[]): void {
    this.#pieces.push(...pieces);
  }

  /** First and last byte that are still wanted; `undefined` when all pieces were cut. */
  get wanted(): Wanted | undefined {
    const [first, last] = [this.#pieces[0], this.#pieces.at(-1)];
    if (!first || !last) return undefined;
    return { fromBytes: first.offsetBytes + (this.#filling?.filledBytes ?? 0), lastBytes: endOf(last) - 1 };
  }

  /** Takes what lies in the file at `atBytes` (nothing wanted may lie before it) and gives the pieces that it completes. */
  *take(atBytes: number, bytes: Uint8Array<ArrayBuffer>): Generator<CutPiece> {
    let from = 0;
    for (let piece = this.#pieces[0]; piece; piece = this.#pieces[0]) {
      const filled = this.#filling?.filledBytes ?? 0;
      from = Math.max(from, piece.offsetBytes + filled - atBytes);
      if (from >= bytes.length) return;
      this.#filling ??= { bytes: new Uint8Array(piece.sizeBytes), filledBytes: 0 };
      const part = bytes.subarray(from, from + piece.sizeBytes - filled);
      this.#filling.bytes.set(part, filled);
      this.#filling.filledBytes += part.length;
      from += part.length;
      if (this.#filling.filledBytes < piece.sizeBytes) return;
      const whole = this.#filling.bytes;
      this.#filling = undefined;
      this.#pieces.shift();
      yield { piece, bytes: whole };
    }
  }
}
