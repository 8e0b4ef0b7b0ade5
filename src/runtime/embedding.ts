import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { SillError } from '../core/errors.ts';
import type { EmbedResult } from '../ports/runtime.ts';
import type { Ort } from './ort.ts';
import { stepping } from './steps.ts';
import type { TextTokenizer } from './tokenizer.ts';

export interface EmbeddingModel {
  readonly ort: Ort;
  readonly session: InferenceSession;
  readonly tokenizer: TextTokenizer;
  /** Awaited between texts, so that an abort can arrive. */
  readonly breathe: () => Promise<void>;
  /** Longer texts are cut: their first tokens and their end token are kept. */
  readonly contextLength: number;
}

/**
 * One unit vector a text: the mean over its tokens of the model's last hidden state, as sentence-transformers
 * does. Each text is its own call: dynamic int8 quantises the activations of a call together, so that in a batch a vector
 * would depend on its neighbours; and on the CPU batches are no faster (MiniLM q8 at 16 to 128 tokens, batches of 8 and 32).
 * @throws SillError `empty_input` | `runtime_failed` | `out_of_memory` | `aborted`
 */
export async function embedTexts(model: EmbeddingModel, texts: readonly string[], signal: AbortSignal): Promise<EmbedResult> {
  if (texts.length === 0 || texts.some((text) => text.trim() === '')) {
    throw new SillError('empty_input', 'There is nothing to embed: the list of texts, or one of them, is empty.');
  }
  const startMs = performance.now();
  const rows: Float32Array[] = [];
  let promptTokens = 0;
  let truncated = false;
  for (const text of texts) {
    await model.breathe();
    signal.throwIfAborted();
    const whole = model.tokenizer.encode(text);
    const ids = cut(whole, model.contextLength);
    truncated ||= ids.length < whole.length;
    promptTokens += ids.length;
    rows.push(await stepping('embedding text', () => embedOne(model, ids)));
  }
  const dimensions = rows[0]?.length ?? 0;
  const vectors = new Float32Array(rows.length * dimensions);
  for (const [i, row] of rows.entries()) vectors.set(row, i * dimensions);
  return { vectors, dimensions, promptTokens, truncated, embedMs: performance.now() - startMs };
}

function cut(ids: number[], limit: number): number[] {
  const last = ids.at(-1);
  return ids.length <= limit || last === undefined ? ids : [...ids.slice(0, limit - 1), last];
}

async function embedOne({ ort, session }: EmbeddingModel, ids: readonly number[]): Promise<Float32Array> {
  const row = (values: BigInt64Array) => new ort.Tensor('int64', values, [1, ids.length]);
  const feeds: Record<string, Tensor> = { input_ids: row(BigInt64Array.from(ids, BigInt)) };
  if (session.inputNames.includes('attention_mask')) feeds.attention_mask = row(new BigInt64Array(ids.length).fill(1n));
  if (session.inputNames.includes('token_type_ids')) feeds.token_type_ids = row(new BigInt64Array(ids.length));
  const results = await session.run(feeds);
  const hidden = results.last_hidden_state ?? results.token_embeddings;
  const data = await hidden?.getData(true);
  const dimensions = hidden?.dims[2];
  if (!(data instanceof Float32Array) || dimensions === undefined) {
    throw new SillError('runtime_failed', 'The model gave no hidden states: it is not an embedding model that Sill can run.');
  }
  return unitMean(data, dimensions);
}

function unitMean(states: Float32Array, dimensions: number): Float32Array {
  const mean = new Float32Array(dimensions);
  for (let i = 0; i < states.length; i++) mean[i % dimensions] = (mean[i % dimensions] ?? 0) + (states[i] ?? 0);
  // The division by the number of tokens falls out: only the direction is kept.
  const norm = Math.hypot(...mean) || 1;
  return mean.map((value) => value / norm);
}
