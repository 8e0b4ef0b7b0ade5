import { FileCutter, type Stretch } from '../../core/chunking.ts';
import type { Digest } from '../../core/ids.ts';
import { joined } from '../../core/joinedBytes.ts';
import type { ManifestChunk } from '../../core/manifest.ts';
import { release } from '../../core/releasedBuffer.ts';

/** Stored together: one by one they cost a transaction each. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** Batches behind the one that fills: one is noted while another is stored. */
const ON_THEIR_WAY = 2;

/** What becomes of the chunks of a file, each step in the order of the file. */
export interface ChunkKeeper {
  digest(bytes: Uint8Array<ArrayBuffer>): Promise<Digest>;
  /** Before they are stored. */
  note(chunks: readonly ManifestChunk[]): Promise<void>;
  store(pieces: readonly NotedPiece[]): Promise<void>;
}

interface NotedPiece {
  readonly digest: Digest;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly digest: Promise<Digest>;
}

/** Takes a file front to back from a border between two stretches on, and gives it on in chunks. */
export class FileWriter {
  readonly #cutter: FileCutter;
  #at: number;
  /** Copies, in buffers of their own. */
  #pending: Uint8Array<ArrayBuffer>[] = [];
  #pendingBytes = 0;
  #batch: Piece[] = [];
  #batchBytes = 0;
  #noted: Promise<void> = Promise.resolve();
  #stored: Promise<void> = Promise.resolve();
  readonly #onTheirWay: Promise<void>[] = [];

  constructor(
    private readonly sizeBytes: number,
    stretches: readonly Stretch[],
    fromBytes: number,
    private readonly keeper: ChunkKeeper,
  ) {
    this.#at = fromBytes;
    let start = 0;
    const rest = stretches.filter(({ sizeBytes: length }) => {
      start += length;
      return start > fromBytes;
    });
    this.#cutter = new FileCutter(rest, sizeBytes);
  }

  /** What lies before the place where it goes on is left out, and what lies between is zeros. */
  async writeAt(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    if (offsetBytes > this.#at) await this.write(new Uint8Array(offsetBytes - this.#at));
    await this.write(bytes.subarray(Math.min(bytes.length, this.#at - offsetBytes)));
  }

  async write(bytes: Uint8Array): Promise<void> {
    let from = 0;
    for (const length of this.#cutter.push(bytes)) {
      const end = from + length - this.#pendingBytes;
      this.#add(joined([...this.#pending, bytes.subarray(from, end)]));
      for (const copy of this.#pending) release(copy);
      this.#pending = [];
      this.#pendingBytes = 0;
      from = end;
      if (this.#batchBytes >= BATCH_BYTES) await this.#flush();
    }
    if (from < bytes.length) {
      // A copy of what is left of a large tensor, or all of it would stay.
      this.#pending.push(new Uint8Array(bytes.subarray(from)));
      this.#pendingBytes += bytes.length - from;
    }
    this.#at += bytes.length;
  }

  async end(): Promise<void> {
    if (this.#at !== this.sizeBytes) throw new RangeError(`${this.#at} bytes were written of ${this.sizeBytes}`);
    await this.#flush();
    await this.#stored;
  }

  /** Nothing is being stored any more, whatever came of it. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#noted, this.#stored]);
  }

  /** Its digest is worked out while the next one is made. */
  #add(bytes: Uint8Array<ArrayBuffer>): void {
    const digest = this.keeper.digest(bytes);
    // Thrown where it is noted.
    digest.catch(() => undefined);
    this.#batch.push({ bytes, digest });
    this.#batchBytes += bytes.length;
  }

  async #flush(): Promise<void> {
    while (this.#onTheirWay.length >= ON_THEIR_WAY) await this.#onTheirWay.shift();
    if (this.#batch.length > 0) this.#keep(this.#batch);
    this.#batch = [];
    this.#batchBytes = 0;
  }

  #keep(batch: readonly Piece[]): void {
    const noting = this.#note(batch, this.#noted);
    const storing = this.#store(noting, this.#stored);
    // Thrown by whoever waits next.
    storing.catch(() => undefined);
    [this.#noted, this.#stored] = [noting.then(() => undefined), storing];
    this.#noted.catch(() => undefined);
    this.#onTheirWay.push(storing);
  }

  async #note(batch: readonly Piece[], before: Promise<void>): Promise<NotedPiece[]> {
    await before;
    const pieces = await Promise.all(batch.map(async ({ bytes, digest }) => ({ digest: await digest, bytes })));
    await this.keeper.note(pieces.map(({ digest, bytes }) => ({ digest, sizeBytes: bytes.length })));
    return pieces;
  }

  async #store(noting: Promise<NotedPiece[]>, before: Promise<void>): Promise<void> {
    // First, so that none is under way any more when this one has failed.
    await before;
    const pieces = await noting;
    await this.keeper.store(pieces);
    for (const { bytes } of pieces) release(bytes);
  }
}
