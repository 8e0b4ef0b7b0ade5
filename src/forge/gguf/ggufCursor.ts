import type { ByteSource } from '../byteSource.ts';
import { refused } from './ggufError.ts';

const WINDOW_BYTES = 1024 * 1024;

/** Reads a header from front to back through a window, never beyond the end of the file or `limitBytes`. Little-endian. */
export class GgufCursor {
  #at = 0;
  #window: Uint8Array = new Uint8Array();
  #view = new DataView(this.#window.buffer);
  #windowStart = 0;
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(
    private readonly source: ByteSource,
    private readonly limitBytes: number,
  ) {}

  get offsetBytes(): number {
    return this.#at;
  }

  /** How much there is left to read: nothing that is counted in the file can be more. */
  get restBytes(): number {
    return this.source.sizeBytes - this.#at;
  }

  u8(): number {
    const at = this.#take(1);
    return this.#view.getUint8(at);
  }
  i8(): number {
    const at = this.#take(1);
    return this.#view.getInt8(at);
  }
  u16(): number {
    const at = this.#take(2);
    return this.#view.getUint16(at, true);
  }
  i16(): number {
    const at = this.#take(2);
    return this.#view.getInt16(at, true);
  }
  u32(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at, true);
  }
  i32(): number {
    const at = this.#take(4);
    return this.#view.getInt32(at, true);
  }
  f32(): number {
    const at = this.#take(4);
    return this.#view.getFloat32(at, true);
  }
  f64(): number {
    const at = this.#take(8);
    return this.#view.getFloat64(at, true);
  }
  /** Beyond 2^53 it is the nearest number there is, which no size or count can be. */
  u64(): number {
    const at = this.#take(8);
    return Number(this.#view.getBigUint64(at, true));
  }
  i64(): number {
    const at = this.#take(8);
    return Number(this.#view.getBigInt64(at, true));
  }

  text(maxBytes: number, what: string): string {
    const text = this.textOrLength(maxBytes, what);
    if (typeof text === 'number') throw tooLong(what, text);
    return text;
  }

  /** A text, or of a longer one how many bytes it has: they are passed over, and not read. */
  textOrLength(maxBytes: number, what: string): string | number {
    const length = this.u64();
    // No header has room for it.
    if (length > this.limitBytes) throw tooLong(what, length);
    if (length > maxBytes) {
      this.#at = this.#endOf(length);
      return length;
    }
    const start = this.#take(length);
    return this.#utf8.decode(this.#window.subarray(start, start + length));
  }

  #endOf(length: number): number {
    const end = this.#at + length;
    if (end > this.source.sizeBytes) throw refused('truncated', `it has ${this.source.sizeBytes} bytes and its header goes on`);
    if (end > this.limitBytes) throw refused('too_large', `its header has more than ${this.limitBytes} bytes`);
    return end;
  }

  /** Moves the window where it has to. @returns where in it the next bytes begin; only then ask for `#view` */
  #take(length: number): number {
    const at = this.#at;
    const end = this.#endOf(length);
    if (end > this.#windowStart + this.#window.byteLength) {
      this.#window = this.source.read(at, Math.min(Math.max(WINDOW_BYTES, length), this.source.sizeBytes - at));
      this.#view = new DataView(this.#window.buffer, this.#window.byteOffset, this.#window.byteLength);
      this.#windowStart = at;
    }
    this.#at = end;
    return at - this.#windowStart;
  }
}

const tooLong = (what: string, length: number) => refused('too_large', `${what} is ${length} bytes long`);
