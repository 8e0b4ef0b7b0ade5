import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { SillError } from '../core/errors.ts';
import type { CacheType } from '../ports/runtime.ts';
import { type RawFloats, rawFloatsOf, widened } from './floats.ts';
import type { Ort } from './ort.ts';

const PAST = /^past_key_values\.(\d+)\.(key|value)$/;

export const isPast = (name: string): boolean => PAST.test(name);
export const presentOf = (past: string): string => past.replace('past_key_values', 'present');

/** One of a layer's two caches, as a graph has it at its border: [1, heads, positions, size]. */
export interface CacheShape {
  readonly past: string;
  readonly present: string;
  readonly type: 'float32' | 'float16';
  readonly heads: number;
  readonly size: number;
}

/** A decoder in the layout of transformers.js, as a public session shows it. */
export interface DecoderGraph {
  readonly caches: readonly CacheShape[];
  /** Of one token in all caches. */
  readonly tokenBytes: number;
  readonly cacheType: CacheType;
  /**
   * Whatever a call needs beside its caches, for `ids` behind `past` positions.
   * @param wanted whether the scores behind the last token are, or, of a graph of Sill's own, those behind each
   */
  feeds(ids: readonly number[], past: number, wanted?: 'last' | 'each'): Record<string, Tensor>;
}

export const rowBytes = ({ type, size }: CacheShape): number => size * (type === 'float16' ? 2 : 4);

/** The one type of all caches, or that there are two. */
export function commonType(types: ReadonlyArray<CacheShape['type']>): CacheType {
  const [first = 'float32', ...others] = types;
  return others.every((type) => type === first) ? first : 'mixed';
}

/** @throws SillError `runtime_failed` for a graph of another layout */
export function decoderGraph(ort: Ort, session: InferenceSession): DecoderGraph {
  const inputs = new Set(session.inputNames);
  const caches = session.inputMetadata.flatMap((input): CacheShape[] => {
    if (!isPast(input.name)) return [];
    if (!input.isTensor) throw strangeGraph(input.name);
    const [, heads, , size] = input.shape;
    const { type } = input;
    if ((type !== 'float32' && type !== 'float16') || typeof heads !== 'number' || typeof size !== 'number') throw strangeGraph(input.name);
    return [{ past: input.name, present: presentOf(input.name), type, heads, size }];
  });
  if (!inputs.has('input_ids') || caches.length === 0 || !session.outputNames.includes('logits'))
    throw strangeGraph(session.inputNames.join(', '));
  const int64 = (values: BigInt64Array, dims: number[]) => new ort.Tensor('int64', values, dims);
  return {
    caches,
    tokenBytes: caches.reduce((sum, cache) => sum + cache.heads * rowBytes(cache), 0),
    cacheType: commonType(caches.map(({ type }) => type)),
    feeds(ids, past, wanted = 'last') {
      const total = past + ids.length;
      const out: Record<string, Tensor> = { input_ids: int64(BigInt64Array.from(ids, BigInt), [1, ids.length]) };
      if (inputs.has('attention_mask')) out.attention_mask = int64(new BigInt64Array(total).fill(1n), [1, total]);
      if (inputs.has('position_ids'))
        out.position_ids = int64(
          BigInt64Array.from(ids, (_, i) => BigInt(past + i)),
          [1, ids.length],
        );
      if (inputs.has('num_logits_to_keep')) out.num_logits_to_keep = int64(new BigInt64Array([wanted === 'each' ? 0n : 1n]), []);
      return out;
    },
  };
}

/** The scores of the last position, wherever they lie. @throws SillError `runtime_failed` */
export async function lastScores(logits: Tensor | undefined, vocabularySize: number): Promise<Float32Array> {
  const data = await allScores(logits);
  return widened(data.subarray(data.length - vocabularySize));
}

/** The scores of all positions of a call that asked for each, wherever they lie: [tokens, vocabularySize]. @throws SillError `runtime_failed` */
export async function eachScores(logits: Tensor | undefined, tokens: number, vocabularySize: number): Promise<Float32Array> {
  const data = await allScores(logits);
  if (data.length !== tokens * vocabularySize) throw strangeGraph(`logits of ${logits?.dims.join(' x ')}`);
  return widened(data);
}

async function allScores(logits: Tensor | undefined): Promise<RawFloats> {
  if (!logits) throw strangeGraph('logits');
  const floats = await rawFloatsOf(logits);
  if (floats) return floats;
  throw strangeGraph(`logits of ${logits.type}`);
}

export const strangeGraph = (what: string): SillError =>
  new SillError(
    'runtime_failed',
    `The model's graph is not a text decoder that Sill can run (${what}). Its publisher has to export it again.`,
    { details: { what } },
  );
