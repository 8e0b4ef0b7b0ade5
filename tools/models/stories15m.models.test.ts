import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { beforeAll, describe, expect, test } from 'vitest';
import { OrtLlama } from '../evaluate/ortLlama.ts';
import { MODELS_FOLDER, REFERENCE_FOLDER } from './ensure.ts';
import { builtModel, json } from './testing/builtModel.ts';
import { golden } from './testing/golden.ts';
import { cutsOf, meanNll, unexpectedChoices } from './testing/goldenChecks.ts';

const SHAPE = { heads: 6, headDim: 48 };

/** `nll`: how much worse than the reference. `margin`: the widest lead, in logits, of a golden choice that may be answered otherwise. */
const CASES = [
  { variant: 'fp32-wasm', root: REFERENCE_FOLDER, nll: 0.0001, margin: 0, run: 'stepwise' },
  { variant: 'int8-wasm', root: MODELS_FOLDER, nll: 0.05, margin: 0.3, run: 'stepwise' },
  { variant: 'q4-webgpu', root: MODELS_FOLDER, nll: 0.15, margin: 1, run: 'at once' },
] as const;

async function load(root: string, variant: string) {
  const { manifest, folder } = await builtModel(root, 'stories15m');
  const graph = manifest.variants.find((each) => each.id === variant)?.files.find((path) => path.endsWith('.onnx'));
  if (graph === undefined) throw new Error(`${root} has no ${variant}`);
  return { manifest, folder, llama: await OrtLlama.load(join(folder, graph), SHAPE) };
}

describe.each(CASES)('stories15m $variant', ({ variant, root, nll, margin, run }) => {
  let loaded: Awaited<ReturnType<typeof load>>;
  beforeAll(async () => {
    loaded = await load(root, variant);
  }, 30_000);

  test('predicts the golden text nearly as well as the reference, and as well as its manifest says', async () => {
    const { manifest, folder } = loaded;
    const tokenizer = await tokenizerOf(folder);
    const { ids } = tokenizer.encode(golden.perplexity.text);
    expect(ids).toHaveLength(golden.perplexity.tokens);
    const measured = await meanNll(loaded.llama, cutsOf(manifest), ids);
    expect(measured).toBeLessThanOrEqual(golden.perplexity.mean_nll + nll);
    const stated = manifest.referenceScores?.find((score) => score.variant === variant)?.value;
    // One rounding more or less moves the mean of so short a text by this much, and processors differ in how they add int8 products up.
    expect(Math.abs(measured - (stated ?? Number.NaN))).toBeLessThan(0.02);
  });

  test.each(golden.cases)('chooses as the reference does after $prompt, but where two choices were close', async (example) => {
    const { llama, manifest } = loaded;
    expect(await unexpectedChoices(llama, cutsOf(manifest), example, margin, run)).toEqual([]);
  });
});

test('the reference writes the golden texts to the last token', async () => {
  const { llama, folder } = await load(REFERENCE_FOLDER, 'fp32-wasm');
  const tokenizer = await tokenizerOf(folder);
  for (const example of golden.cases) {
    const ids = await llama.greedy(example.prompt_ids, example.greedy_ids.length);
    expect(ids).toEqual(example.greedy_ids);
    expect(tokenizer.decode(ids)).toBe(example.greedy_text);
  }
});

test.each([['int8'], ['q4']] as const)(
  'the folder is one that plain transformers.js loads, as %s',
  async (dtype) => {
    const { env, pipeline } = await import('@huggingface/transformers');
    const { folder } = await builtModel(MODELS_FOLDER, 'stories15m');
    env.allowRemoteModels = false;
    env.localModelPath = '';
    const generate = await pipeline('text-generation', folder, { dtype, device: 'cpu' });
    const [answer] = await generate(golden.cases[0]?.prompt ?? '', { max_new_tokens: 8, do_sample: false });
    expect(answer).toEqual({ generated_text: 'Once upon a time, there was a little girl named L' });
    await generate.dispose();
  },
  30_000,
);

async function tokenizerOf(folder: string): Promise<Tokenizer> {
  const [file, config] = await Promise.all([json(join(folder, 'tokenizer.json')), json(join(folder, 'tokenizer_config.json'))]);
  if (typeof file !== 'object' || file === null || typeof config !== 'object' || config === null) throw new Error('not a tokenizer');
  return new Tokenizer(file, config);
}
