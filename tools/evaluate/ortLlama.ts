import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';

/** Key-values of what was run so far. */
export interface Past {
  readonly length: number;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

export const EMPTY: Past = { length: 0, tensors: {} };

export interface Step {
  /** One row of scores for each kept position. */
  readonly logits: Float32Array[];
  readonly past: Past;
}

const isPast = (name: string): boolean => name.startsWith('past_key_values');
const int64 = (values: readonly number[], dims: readonly number[]): Tensor => new Tensor('int64', BigInt64Array.from(values, BigInt), dims);

/**
 * A llama graph on ONNX Runtime, by hand: what the app's runtime does, without the app. It is the app's own build in WebAssembly, whose numbers
 * are the same on every processor. Its build for Node multiplies 8-bit numbers, where the processor has no VNNI, with an instruction that saturates: on an
 * AMD EPYC with AVX2 the mean NLL of stories15M in int8 was 2.02 in place of 1.15.
 */
export class OrtLlama {
  private constructor(
    private readonly session: InferenceSession,
    private readonly cacheShape: { readonly heads: number; readonly headDim: number },
  ) {}

  static async load(path: string, cacheShape: { readonly heads: number; readonly headDim: number }): Promise<OrtLlama> {
    env.wasm.numThreads = 1;
    env.logLevel = 'error';
    const location = `${basename(path)}_data`;
    const data = join(dirname(path), location);
    const externalData = existsSync(data) ? [{ path: location, data: await readFile(data) }] : [];
    return new OrtLlama(await InferenceSession.create(await readFile(path), { externalData }), cacheShape);
  }

  /**
   * By the build for Node, which has room for a gigabyte of weights and more in 32 bits, where WebAssembly has none. Only for graphs of 32-bit floats: their
   * products are the same in both but for rounding.
   */
  static async loadWide(path: string, cacheShape: { readonly heads: number; readonly headDim: number }): Promise<OrtLlama> {
    // Only a publisher's commands ask for it.
    const { InferenceSession: NativeSession } = await import('onnxruntime-node');
    return new OrtLlama(await NativeSession.create(path, { logSeverityLevel: 3 }), cacheShape);
  }

  release(): Promise<void> {
    return this.session.release();
  }

  /** What its key-values are kept in. */
  get cacheType(): 'float32' | 'float16' {
    return this.session.inputMetadata.some((input) => input.isTensor && isPast(input.name) && input.type === 'float16')
      ? 'float16'
      : 'float32';
  }

  /** Runs the next tokens. `keep` last positions get scores; 0 means all. */
  async run(ids: readonly number[], past = EMPTY, keep = 1): Promise<Step> {
    const length = past.length + ids.length;
    const feeds: Record<string, Tensor> = {
      input_ids: int64(ids, [1, ids.length]),
      attention_mask: int64(new Array<number>(length).fill(1), [1, length]),
    };
    const has = (name: string) => this.session.inputNames.includes(name);
    // Exports differ: this project's graphs know how many rows are wanted, others are told where a token stands.
    if (has('num_logits_to_keep')) feeds.num_logits_to_keep = int64([keep], []);
    if (has('position_ids')) {
      feeds.position_ids = int64(
        ids.map((_, i) => past.length + i),
        [1, ids.length],
      );
    }
    const { heads, headDim } = this.cacheShape;
    for (const input of this.session.inputMetadata) {
      if (!input.isTensor || !isPast(input.name)) continue;
      const none = [1, heads, 0, headDim];
      const empty =
        input.type === 'float16' ? new Tensor('float16', new Uint16Array(), none) : new Tensor('float32', new Float32Array(), none);
      feeds[input.name] = past.tensors[input.name.replace('past_key_values', 'present')] ?? empty;
    }
    const { logits, ...tensors } = await this.session.run(feeds);
    if (!(logits?.data instanceof Float32Array)) throw new Error('the graph gave no float32 logits');
    const [, rows = 0, vocab = 0] = logits.dims;
    const { data } = logits;
    return { logits: Array.from({ length: rows }, (_, row) => data.subarray(row * vocab, (row + 1) * vocab)), past: { length, tensors } };
  }

  /** The most likely token after each step, from the prompt on. */
  async greedy(prompt: readonly number[], count: number): Promise<number[]> {
    const ids: number[] = [];
    let step = await this.run(prompt);
    while (ids.length < count) {
      const next = argmax(lastOf(step.logits));
      ids.push(next);
      step = await this.run([next], step.past);
    }
    return ids;
  }
}

export function lastOf<T>(items: readonly T[]): T {
  const last = items.at(-1);
  if (last === undefined) throw new Error('expected at least one item');
  return last;
}

/** The first of the largest. */
export function argmax(scores: Float32Array): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if ((scores[i] ?? NaN) > (scores[best] ?? NaN)) best = i;
  return best;
}

/** Natural logarithm of the softmax's share of one token. */
export function logProbability(scores: Float32Array, id: number): number {
  const peak = scores[argmax(scores)] ?? NaN;
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - peak);
  return (scores[id] ?? NaN) - peak - Math.log(sum);
}
