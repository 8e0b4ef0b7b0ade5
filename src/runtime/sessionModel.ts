import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { SillError } from '../core/errors.ts';
import type { CausalModel, KeptBlock, Sequence } from './causalModel.ts';
import type { Ort } from './ort.ts';

const PAST = /^past_key_values\.(\d+)\.(key|value)$/;

/**
 * A decoder in the layout of transformers.js over a public session: `past_key_values.N.*` of [1, heads, length, size] in,
 * `present.N.*` out. Each present becomes the next past; where the session leaves it on the GPU it stays there. No tensor is ever written
 * to again, so that sequences and what is kept of them share them without a copy.
 * @throws SillError `runtime_failed` for a graph of another layout
 */
export function createSessionModel(ort: Ort, session: InferenceSession, vocabularySize: number): CausalModel {
  const inputs = new Set(session.inputNames);
  const caches = session.inputMetadata.flatMap((input) => {
    const match = PAST.exec(input.name);
    if (!match) return [];
    if (!input.isTensor) throw strange(input.name);
    const [, heads, , size] = input.shape;
    if (typeof heads !== 'number' || typeof size !== 'number') throw strange(input.name);
    return [{ past: input.name, present: `present.${match[1]}.${match[2]}`, type: input.type, heads, size }];
  });
  if (!inputs.has('input_ids') || caches.length === 0 || !session.outputNames.includes('logits'))
    throw strange(session.inputNames.join(', '));

  const int64 = (values: BigInt64Array, dims: number[]) => new ort.Tensor('int64', values, dims);
  const tokenBytes = caches.reduce((sum, { type, heads, size }) => sum + heads * size * (type === 'float16' ? 2 : 4), 0);

  const feeds = (ids: readonly number[], past: Past): Record<string, Tensor> => {
    const total = past.length + ids.length;
    const out: Record<string, Tensor> = { input_ids: int64(BigInt64Array.from(ids, BigInt), [1, ids.length]) };
    if (inputs.has('attention_mask')) out.attention_mask = int64(new BigInt64Array(total).fill(1n), [1, total]);
    if (inputs.has('position_ids'))
      out.position_ids = int64(
        BigInt64Array.from(ids, (_, i) => BigInt(past.length + i)),
        [1, ids.length],
      );
    if (inputs.has('num_logits_to_keep')) out.num_logits_to_keep = int64(new BigInt64Array([1n]), []);
    for (const cache of caches) {
      const data = cache.type === 'float16' ? new Uint16Array(0) : new Float32Array(0);
      out[cache.past] = past.tensors.get(cache.past) ?? new ort.Tensor(cache.type, data, [1, cache.heads, 0, cache.size]);
    }
    return out;
  };

  /** What was kept, by the handle that was given for it. */
  const kept = new WeakMap<KeptBlock, Past>();

  const begin = (first: Past): Sequence => {
    let past = first;
    const become = (next: Past) => {
      past.leave();
      past = next;
    };
    return {
      get length() {
        return past.length;
      },
      async forward(ids) {
        const results = await session.run(feeds(ids, past));
        const tensors = new Map<string, Tensor>();
        for (const cache of caches) {
          const present = results[cache.present];
          if (!present) throw strange(cache.present);
          tensors.set(cache.past, present);
        }
        become(createPast(tensors, past.length + ids.length));
        const logits = results.logits;
        if (!logits) throw strange('logits');
        const data = await logits.getData(true);
        if (!(data instanceof Float32Array)) throw strange(`logits of ${logits.type}`);
        return data.subarray(data.length - vocabularySize);
      },
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

  return { vocabularySize, tokenBytes, start: () => begin(createPast(new Map(), 0)) };
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

const strange = (what: string) =>
  new SillError(
    'runtime_failed',
    `The model's graph is not a text decoder that Sill can run (${what}). Its publisher has to export it again.`,
    {
      details: { what },
    },
  );
