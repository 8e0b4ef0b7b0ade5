import { SillError } from '../core/errors.ts';
import { SPACE_MARK } from './tokenizerFiles.ts';

export interface Piece {
  readonly text: string;
  /** The higher, the earlier it is merged. */
  readonly score: number;
}

/** Llama's order of ids: unknown, beginning, end, the 256 bytes, then pieces of text. */
export const SPECIAL_PIECES = ['<unk>', '<s>', '</s>'] as const;
export const FIRST_BYTE_ID = SPECIAL_PIECES.length;
export const FIRST_TEXT_ID = FIRST_BYTE_ID + 256;

const MAX_PIECE_BYTES = 1024;

/**
 * llama2.c's `tokenizer.bin`: the longest length as int32, then for each id a float32 score, an int32 length and its bytes.
 * @param vocab how many pieces the model has
 * @returns pieces by id, under the names that they have in Hugging Face's form of the same vocabulary
 * @throws SillError `invalid_request` when the bytes are no such file
 */
export function readLlama2cTokenizer(bytes: Uint8Array, vocab: number): Piece[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const pieces: Piece[] = [];
  let offset = 4;
  for (let id = 0; id < vocab; id++) {
    if (offset + 8 > bytes.byteLength) throw refused(`it ends before piece ${id} of ${vocab}`);
    const score = view.getFloat32(offset, true);
    const length = view.getInt32(offset + 4, true);
    offset += 8;
    if (length < 0 || length > MAX_PIECE_BYTES || offset + length > bytes.byteLength) throw refused(`piece ${id} has length ${length}`);
    pieces.push({ score, text: nameOf(id, () => decodePiece(decoder, bytes.subarray(offset, offset + length), id)) });
    offset += length;
  }
  if (offset !== bytes.byteLength) throw refused(`${bytes.byteLength - offset} bytes follow its last piece`);
  return pieces;
}

function nameOf(id: number, text: () => string): string {
  const special = SPECIAL_PIECES[id];
  if (special !== undefined) return special;
  if (id >= FIRST_TEXT_ID) return text().replaceAll(' ', SPACE_MARK);
  return `<0x${(id - FIRST_BYTE_ID).toString(16).toUpperCase().padStart(2, '0')}>`;
}

function decodePiece(decoder: TextDecoder, bytes: Uint8Array, id: number): string {
  try {
    return decoder.decode(bytes.slice());
  } catch (cause) {
    throw refused(`piece ${id} is not UTF-8`, cause);
  }
}

const refused = (why: string, cause?: unknown): SillError =>
  new SillError('invalid_request', `This is not a llama2.c tokenizer that Sill can read: ${why}. Nothing was converted.`, { cause });
