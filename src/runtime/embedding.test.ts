import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { expect, it } from 'vitest';
import { type EmbeddingModel, embedTexts, outputOf } from './embedding.ts';
import type { Ort } from './ort.ts';

class FakeTensor {
  constructor(
    readonly type: string,
    readonly data: unknown,
    readonly dims: readonly number[],
  ) {}
  getData = async () => this.data;
}

/** A graph that gives these outputs, whatever it is fed; each token of a text is a letter. */
function modelOf(outputs: Record<string, FakeTensor>, poolings: readonly string[] = ['mean']) {
  const fed: number[] = [];
  const session = {
    inputNames: ['input_ids', 'attention_mask'],
    outputNames: Object.keys(outputs),
    run: async (feeds: Record<string, Tensor>, wanted: readonly string[]) => {
      fed.push(feeds.input_ids?.dims[1] ?? 0);
      return Object.fromEntries(wanted.map((name) => [name, outputs[name]]));
    },
  } as unknown as InferenceSession;
  const tokenizer: Pick<EmbeddingModel['tokenizer'], 'encode'> = { encode: (text) => [...text].map((_, i) => i) };
  const model: EmbeddingModel = {
    ort: { Tensor: FakeTensor } as unknown as Pick<Ort, 'Tensor'>,
    session,
    tokenizer: tokenizer as EmbeddingModel['tokenizer'],
    breathe: async () => undefined,
    contextLength: 8,
    output: outputOf('hf:some/model', session, poolings),
  };
  return { fed, embed: async (...texts: string[]) => embedTexts(model, texts, new AbortController().signal) };
}
const STATES = new FakeTensor('float32', Float32Array.of(3, 4, 0, 5), [1, 2, 2]);
const rounded = (vectors: Float32Array) => [...vectors].map((value) => Number(value.toFixed(4)));

it('a text is the mean over its tokens, or what its model was trained with', async () => {
  const mean = await modelOf({ last_hidden_state: STATES }).embed('ab');
  expect(rounded(mean.vectors)).toEqual([0.3162, 0.9487]);
  const first = await modelOf({ last_hidden_state: STATES }, ['cls']).embed('ab');
  expect(rounded(first.vectors)).toEqual([0.6, 0.8]);
});

it('a graph that makes the vector itself is believed, also where it gives those of the tokens too', async () => {
  const whole = new FakeTensor('float32', Float32Array.of(8, 6), [1, 2]);
  const { vectors, dimensions } = await modelOf({ token_embeddings: STATES, sentence_embedding: whole }, ['attention']).embed('ab', 'c');
  expect([rounded(vectors), dimensions]).toEqual([[0.8, 0.6, 0.8, 0.6], 2]);
});

it('vectors of half floats are as good', async () => {
  const halves = new FakeTensor('float16', Uint16Array.of(0x4200, 0x4400), [1, 1, 2]);
  expect(rounded((await modelOf({ last_hidden_state: halves }).embed('a')).vectors)).toEqual([0.6, 0.8]);
});

it('a text that is longer than the model reads is cut, and that is said', async () => {
  const { fed, embed } = modelOf({ last_hidden_state: STATES });
  expect(await embed('a text of many letters')).toMatchObject({ truncated: true, promptTokens: 8 });
  expect(fed).toEqual([8]);
});

it.each([
  ['gives no vectors', { inputNames: ['input_ids'], outputNames: ['logits'] }, 'gives logits'],
  [
    'asks for what Sill does not know',
    { inputNames: ['input_ids', 'position_ids'], outputNames: ['last_hidden_state'] },
    'asks for position_ids',
  ],
  ['reads no text', { inputNames: ['attention_mask'], outputNames: ['last_hidden_state'] }, 'takes attention_mask'],
])('a graph that %s is refused when it is loaded, in words', (_, names, words) => {
  expect(() => outputOf('hf:some/model', names, ['mean'])).toThrow(
    expect.objectContaining({ code: 'unsupported_task', message: expect.stringContaining(words) }),
  );
});

it('a way to pool that is not known is refused, but where the graph makes the vector itself', () => {
  const names = { inputNames: ['input_ids'], outputNames: ['last_hidden_state'] };
  for (const poolings of [['mean', 'attention'], []])
    expect(() => outputOf('hf:some/model', names, poolings)).toThrow(expect.objectContaining({ code: 'unsupported_task' }));
  expect(outputOf('hf:some/model', { ...names, outputNames: ['sentence_embedding'] }, ['attention'])).toEqual({
    name: 'sentence_embedding',
  });
});
