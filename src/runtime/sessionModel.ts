import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { LOUDNESS_OUTPUT } from '../core/making.ts';
import type { CausalModel, KeptBlock, Sequence } from './causalModel.ts';
import { type CacheShape, decoderGraph, eachScores, lastScores, strangeGraph } from './decoderGraph.ts';
import type { Ort } from './ort.ts';

/**
 * A decoder in the layout of transformers.js over a public session: `past_key_values.N.*` of [1, heads, length, size] in,
 * `present.N.*` out. Each present becomes the next past; where the session leaves it on the GPU it stays there. No tensor is ever written
 * to again, so that sequences and what is kept of them share them without a copy.
 * @param canScoreEach the graph works out the scores of all tokens of a call where it is asked for none
 * @throws SillError `runtime_failed` for a graph of another layout
 */
export function createSessionModel(ort: Ort, session: InferenceSession, vocabularySize: number, canScoreEach = false): CausalModel {
  const { caches, tokenBytes, cacheType, feeds } = decoderGraph(ort, session);

  const pastOf = (past: Past, { past: name, type, heads, size }: CacheShape): Tensor =>
    past.tensors.get(name) ?? new ort.Tensor(type, type === 'float16' ? new Uint16Array(0) : new Float32Array(0), [1, heads, 0, size]);

  /** What was kept, by the handle that was given for it. */
  const kept = new WeakMap<KeptBlock, Past>();

  const begin = (first: Past): Sequence => {
    let past = first;
    const become = (next: Past) => {
      past.leave();
      past = next;
    };
    const evaluate = async (ids: readonly number[], wanted: 'last' | 'each') => {
      const pasts = Object.fromEntries(caches.map((cache) => [cache.past, pastOf(past, cache)]));
      const results = await session.run({ ...feeds(ids, past.length, wanted), ...pasts });
      const tensors = new Map<string, Tensor>();
      for (const cache of caches) {
        const present = results[cache.present];
        if (!present) throw strangeGraph(cache.present);
        tensors.set(cache.past, present);
      }
      become(createPast(tensors, past.length + ids.length));
      return results;
    };
    const forwardEach: Sequence['forwardEach'] = async (ids, read) => {
      const { logits, [LOUDNESS_OUTPUT]: heard } = await evaluate(ids, 'each');
      const loudness = heard?.data;
      read(await eachScores(logits, ids.length, vocabularySize), 0, loudness instanceof Float32Array ? loudness.slice() : undefined);
    };
    return {
      get length() {
        return past.length;
      },
      forward: async (ids) => lastScores((await evaluate(ids, 'last')).logits, vocabularySize),
      ...(canScoreEach ? { forwardEach } : {}),
      fork: () => begin(past.share()),
      keep() {
        const whole = past.share();
        const handle: KeptBlock = {
          // Not only from a position on: the tensors hold the whole beginning.
          sizeBytes: whole.length * tokenBytes,
          drop() {
            if (kept.delete(handle)) whole.leave();
          },
        };
        kept.set(handle, whole);
        return handle;
      },
      restore(blocks) {
        const last = blocks.at(-1);
        const whole = last && kept.get(last);
        if (whole) become(whole.share());
      },
      release: () => become(createPast(new Map(), 0)),
    };
  };

  return { vocabularySize, tokenBytes, cacheType, start: () => begin(createPast(new Map(), 0)) };
}

/** The tensors of a past, disposed of when the last of those who share them has left. */
interface Past {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly length: number;
  share(): Past;
  leave(): void;
}

function createPast(tensors: ReadonlyMap<string, Tensor>, length: number): Past {
  let holders = 1;
  const past: Past = {
    tensors,
    length,
    share() {
      holders += 1;
      return past;
    },
    leave() {
      holders -= 1;
      if (holders === 0) for (const tensor of tensors.values()) tensor.dispose();
    },
  };
  return past;
}
