import { joined } from '../../core/joinedBytes.ts';
import { bytesOf, errorOf, type PlannedWeights } from '../externalData.ts';

/** All that comes of a computation: the bytes of each of its parts. */
export function madeOf({ pieces, make }: PlannedWeights): { readonly parts: readonly Uint8Array[]; readonly error: number | undefined } {
  const made = Array.from({ length: pieces }, (_, piece) => make(piece));
  const parts = (made[0]?.parts ?? []).map((_, part) =>
    joined(made.flatMap(({ parts: each }) => (each[part] ? [bytesOf(each[part])] : []))),
  );
  return { parts, error: errorOf(made.map(({ error }) => error)) };
}
