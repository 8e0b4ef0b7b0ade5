import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { SillError } from '../core/errors.ts';
import { isPooling, type Pooling, pooled, toUnit } from '../core/pooling.ts';
import type { EmbedResult } from '../ports/runtime.ts';
import { rawFloatsOf, widened } from './floats.ts';
import type { Ort } from './ort.ts';
import { stepping } from './steps.ts';
import type { TextTokenizer } from './tokenizer.ts';

export interface EmbeddingModel {
  readonly ort: Pick<Ort, 'Tensor'>;
  readonly session: InferenceSession;
  readonly tokenizer: TextTokenizer;
  /** Awaited between texts, so that an abort can arrive. */
  readonly breathe: () => Promise<void>;
  /** Longer texts are cut: their first tokens and their end token are kept. */
  readonly contextLength: number;
  readonly output: EmbeddingOutput;
}

const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids'];
/** What a graph of a whole sentence-transformer ends in: pooled as its authors do, with the layers that follow. */
const WHOLE = 'sentence_embedding';
/** Of each token. */
const STATES = ['last_hidden_state', 'token_embeddings'];

/** What a graph gives of a text, and what becomes of it. */
export interface EmbeddingOutput {
  readonly name: string;
  /** Of the vectors of its tokens; absent where the graph makes that of the text itself. */
  readonly poolings?: readonly Pooling[];
}

/**
 * Told when a model is loaded, so that an import that cannot be used is refused before it is of use to nobody.
 * @param named ways in which the model's files say that a text becomes one vector
 * @throws SillError `unsupported_task`
 */
export function outputOf(
  modelId: string,
  { inputNames, outputNames }: Pick<InferenceSession, 'inputNames' | 'outputNames'>,
  named: readonly string[],
): EmbeddingOutput {
  const strange = inputNames.filter((name) => !INPUTS.includes(name));
  const name = [WHOLE, ...STATES].find((each) => outputNames.includes(each));
  if (strange.length > 0 || !inputNames.includes('input_ids') || name === undefined) {
    const why =
      strange.length > 0
        ? `asks for ${strange.slice(0, 3).join(', ')}${strange.length > 3 ? ' and more' : ''}`
        : `takes ${inputNames.join(', ')} and gives ${outputNames.join(', ')}`;
    throw new SillError(
      'unsupported_task',
      `The graph of ${modelId} ${why}: it is not an embedding model that Sill can run. It takes one of ${INPUTS.join(', ')} that gives ${[WHOLE, ...STATES].join(' or ')}.`,
      { details: { inputs: [...inputNames], outputs: [...outputNames] } },
    );
  }
  if (name === WHOLE) return { name };
  const poolings = named.filter(isPooling);
  if (poolings.length > 0 && poolings.length === named.length) return { name, poolings };
  throw new SillError(
    'unsupported_task',
    `${modelId} makes one vector of a text in a way that Sill does not know (${named.join(', ') || 'none is named'}). Look for an export whose graph gives ${WHOLE}.`,
    { details: { poolings: [...named] } },
  );
}

/**
 * One unit vector a text, as sentence-transformers makes it: by the graph itself, or of the model's last hidden states as its authors pool
 * them. Each text is its own call: dynamic int8 quantises the activations of a call together, so that in a batch a vector
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

async function embedOne({ ort, session, output: { name, poolings } }: EmbeddingModel, ids: readonly number[]): Promise<Float32Array> {
  const row = (values: BigInt64Array) => new ort.Tensor('int64', values, [1, ids.length]);
  const feeds: Record<string, Tensor> = { input_ids: row(BigInt64Array.from(ids, BigInt)) };
  if (session.inputNames.includes('attention_mask')) feeds.attention_mask = row(new BigInt64Array(ids.length).fill(1n));
  if (session.inputNames.includes('token_type_ids')) feeds.token_type_ids = row(new BigInt64Array(ids.length));
  // What is not asked for need not be fetched.
  const { [name]: output } = await session.run(feeds, [name]);
  const floats = output && (await rawFloatsOf(output));
  const dimensions = output?.dims.at(-1);
  if (!floats || dimensions === undefined) throw new SillError('runtime_failed', `The model gave no vectors: ${name} is ${output?.type}.`);
  const numbers = widened(floats);
  return poolings ? pooled(numbers, dimensions, poolings) : toUnit(numbers);
}
