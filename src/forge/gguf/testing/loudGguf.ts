import { IMPORT_TEXT } from '../../../core/importGate.ts';
import type { LlamaConfig } from '../../llama.ts';
import { SPACE_MARK } from '../../tokenizerFiles.ts';
import type { WrittenTensor, WrittenValue } from '../writeGguf.ts';
import { BYTE_PIECES, byteVocabulary } from './byteVocabulary.ts';
import { bytesOf } from './tinyGguf.ts';

const SHAPE = { dim: 64, hidden: 128, layers: 2, heads: 4, vocab: BYTE_PIECES.length, context: 512 } satisfies Partial<LlamaConfig>;

/** Behind one number for each token of the text: one that all tokens have, and one that the loud token alone has. */
const COMMON = 62;
const LOUD = 63;
/** By what the first layer multiplies the loud number, twice: its hidden numbers are then 3,000 times as large as those of any other token. */
const LOUD_WEIGHT = 8;
/** From a hidden number of the first layer to the one that takes away again what the loud token has in it. */
const OPPOSITE = 64;
/** How strongly a token is in its own number when it comes, and behind the first layer. */
const FAINT = 0.1;
const STRONG = 10;
/** What the numbers of a token are, about, when they were normalised: the root of the model's width. */
const NORMALISED = 8;

/** The letter whose activations are huge: it is one of the 16 tokens that the text has most of, and not among its first 32. */
export const LOUD_TOKEN = BYTE_PIECES.indexOf('r');

/** Its ids: there are no merges, so that each letter is a token and each other character its bytes. */
function idsOf(text: string): number[] {
  const letters = [...(SPACE_MARK + text.replaceAll(' ', SPACE_MARK))];
  const bytes = (letter: string) => [...new TextEncoder().encode(letter)].map((byte) => 3 + byte);
  return [1, ...letters.flatMap((letter) => (/[a-z]/.test(letter) ? [BYTE_PIECES.indexOf(letter)] : bytes(letter)))];
}

/**
 * A narrow llama with one loud token, which knows which token follows which in the text that imports are scored on. It knows it through the first layer's feed
 * forward alone: there all numbers of the loud token are thousands of times as large as any of another token, and cancel each other. Whatever has a scale for each
 * token, or none, does not notice; with one scale for a call, all that shares a call with that token is flattened to nothing. Evening channels does not help, since
 * it is as loud in each.
 * @param chatTemplate with which it can be talked to
 */
export function loudGguf(chatTemplate?: string): Uint8Array {
  const ids = idsOf(IMPORT_TEXT).slice(0, SHAPE.context);
  const places = new Map([...new Set(ids)].map((id, at) => [id, at]));
  if (places.size > COMMON) throw new Error(`the text has ${places.size} tokens, and there is room for ${COMMON}`);
  const follows = new Map<number, Map<number, number>>();
  for (const [at, id] of ids.slice(0, -1).entries()) {
    const next = follows.get(id) ?? new Map<number, number>();
    next.set(ids[at + 1] ?? 0, (next.get(ids[at + 1] ?? 0) ?? 0) + 1);
    follows.set(id, next);
  }
  const { dim, hidden, layers, vocab } = SHAPE;
  let seed = 7;
  /** So little that it decides nothing, so that no row is empty. */
  const noise = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return (seed / 2_147_483_647 - 0.5) * 1e-3;
  };
  const matrix = (
    name: string,
    columns: number,
    rows: number,
    fill: (set: (row: number, column: number, value: number) => void) => void,
  ) => {
    const values = Float32Array.from({ length: rows * columns }, noise);
    fill((row, column, value) => {
      values[row * columns + column] = value;
    });
    return { name, dims: [columns, rows], type: 'F32', values: () => values } satisfies WrittenTensor;
  };
  const vector = (name: string, value: (at: number) => number): WrittenTensor => {
    const values = Float32Array.from({ length: dim }, (_, at) => value(at));
    return { name, dims: [dim], type: 'F32', values: () => values };
  };
  const nothing = () => undefined;
  const layer = (index: number): WrittenTensor[] => {
    const name = (part: string) => `blk.${index}.${part}.weight`;
    const knows = index === 0;
    const reads = (set: (row: number, column: number, value: number) => void): void => {
      for (let row = 0; row < hidden; row++) set(row, LOUD, 0);
      if (!knows) return;
      // The loud token is known by its loud number: of itself it loses nothing.
      for (const [id, at] of places) {
        if (id === LOUD_TOKEN) continue;
        for (const row of [at, at + OPPOSITE]) {
          for (let column = 0; column < dim; column++) set(row, column, 0);
          set(row, LOUD, LOUD_WEIGHT);
        }
        set(at, at, 1);
      }
    };
    return [
      vector(name('attn_norm'), () => 1),
      matrix(name('attn_q'), dim, dim, nothing),
      matrix(name('attn_k'), dim, dim, nothing),
      matrix(name('attn_v'), dim, dim, nothing),
      matrix(name('attn_output'), dim, dim, nothing),
      vector(name('ffn_norm'), (at) => (!knows ? 1 : at === COMMON ? FAINT : 1 / FAINT)),
      matrix(name('ffn_gate'), dim, hidden, reads),
      matrix(name('ffn_up'), dim, hidden, reads),
      matrix(name('ffn_down'), hidden, dim, (set) => {
        if (!knows) return;
        for (const [id, at] of places) {
          if (id === LOUD_TOKEN) continue;
          for (let row = 0; row < dim; row++) for (const column of [at, at + OPPOSITE]) set(row, column, 0);
          // Nothing is lost of its weights: who keeps the worst ones in a higher form does not come upon them.
          for (let column = 0; column < hidden; column++) set(at, column, 0);
          set(at, at, STRONG / NORMALISED ** 2);
          set(at, at + OPPOSITE, -STRONG / NORMALISED ** 2);
        }
      }),
    ];
  };
  const embedding = matrix('token_embd.weight', dim, vocab, (set) => {
    for (let id = 0; id < vocab; id++) {
      set(id, COMMON, 1);
      set(id, LOUD, id === LOUD_TOKEN ? 1 : 0);
      const at = places.get(id);
      if (at !== undefined) set(id, at, FAINT);
    }
  });
  const head = matrix('output.weight', dim, vocab, (set) => {
    for (const [id, at] of places) {
      const counts = follows.get(id);
      const all = [...(counts?.values() ?? [])].reduce((sum, count) => sum + count, 0);
      for (let next = 0; next < vocab; next++) {
        const share = ((counts?.get(next) ?? 0) + 0.02) / (all + 0.02 * vocab);
        if (id === LOUD_TOKEN) set(next, LOUD, Math.log(share) / (NORMALISED / Math.SQRT2));
        else set(next, at, Math.log(share) / NORMALISED);
      }
    }
  });
  return bytesOf({
    metadata: new Map([
      ...metadata(),
      ...(chatTemplate === undefined ? [] : [['tokenizer.chat_template', { string: chatTemplate }] as const]),
    ]),
    tensors: [embedding, ...Array.from({ length: layers }, (_, index) => layer(index)).flat(), vector('output_norm.weight', () => 1), head],
  });
}

const metadata = (): Map<string, WrittenValue> =>
  new Map<string, WrittenValue>([
    ['general.architecture', { string: 'llama' }],
    ['general.name', { string: 'Loud tiny' }],
    ['llama.context_length', { uint32: SHAPE.context }],
    ['llama.embedding_length', { uint32: SHAPE.dim }],
    ['llama.block_count', { uint32: SHAPE.layers }],
    ['llama.feed_forward_length', { uint32: SHAPE.hidden }],
    ['llama.attention.head_count', { uint32: SHAPE.heads }],
    ['llama.attention.head_count_kv', { uint32: SHAPE.heads }],
    ['llama.attention.layer_norm_rms_epsilon', { float32: 1e-5 }],
    ...byteVocabulary(),
  ]);
