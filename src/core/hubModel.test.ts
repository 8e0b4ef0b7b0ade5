import { describe, expect, it } from 'vitest';
import { describeHubModel, expectedManifest, type HubModel, manifestOfHub } from './hubModel.ts';
import { variantBytes, variantOf } from './manifest.ts';

const MIB = 2 ** 20;
const file = (path: string, sizeBytes = 100) => ({ path, sizeBytes });
const llama: HubModel = {
  repository: 'acme/tiny',
  pageUrl: 'https://hub.example/acme/tiny',
  commit: '0'.repeat(40),
  files: [
    ...['README.md', 'config.json', 'generation_config.json', 'tokenizer.json', 'vocab.json', 'LICENSE'].map((path) => file(path)),
    file('onnx/model_int8.onnx', 40 * MIB),
    file('onnx/model_q4.onnx'),
    file('onnx/model_q4.onnx_data', 25 * MIB),
    file('onnx/model_bnb4.onnx'),
  ],
  licence: 'mit',
  config: { architectures: ['LlamaForCausalLM'], max_position_embeddings: 2048 },
  generation: { bos_token_id: 1, eos_token_id: [2, 3] },
  minimumRuntime: '0.1.0',
};
const describeWith = (change: Partial<HubModel>) => describeHubModel({ ...llama, ...change });

describe('a model on a server in the usual layout', () => {
  it('is described by its files and its configuration', () => {
    const { id, task, contextLength, generation, variants, parameters, provenance } = describeWith({});
    expect([id, task, contextLength, generation]).toEqual([
      'hf:acme/tiny',
      'text-generation',
      2048,
      { bosTokenId: 1, eosTokenIds: [2, 3] },
    ]);
    expect(provenance.source).toBe(`https://hub.example/acme/tiny@${'0'.repeat(40)}`);
    expect(parameters).toBeGreaterThan(40e6);
    const shared = ['config.json', 'generation_config.json'];
    expect(variants.map((variant) => [variant.id, variant.files])).toEqual([
      ['int8-wasm', [...shared, 'onnx/model_int8.onnx', 'tokenizer.json']],
      ['q4-webgpu', [...shared, 'onnx/model_q4.onnx', 'onnx/model_q4.onnx_data', 'tokenizer.json']],
    ]);
  });

  it('has the sizes of its files before any byte of them is known', () => {
    const description = describeWith({});
    const manifest = expectedManifest(description, llama.files);
    expect(manifest.variants.map((variant) => variantBytes(manifest, variantOf(manifest, variant.id)))).toEqual([
      40 * MIB + 300,
      25 * MIB + 400,
    ]);
  });

  it('becomes a manifest of the one variant that was fetched', () => {
    const digest = `sha256:${'a'.repeat(64)}` as ReturnType<typeof expectedManifest>['files'][number]['chunks'][number]['digest'];
    const files = ['config.json', 'generation_config.json', 'onnx/model_int8.onnx', 'tokenizer.json'].map((path) => ({
      path,
      sizeBytes: 5,
      chunks: [{ digest, sizeBytes: 5 }],
    }));
    expect(manifestOfHub(describeWith({}), 'int8-wasm', files).variants.map((variant) => variant.id)).toEqual(['int8-wasm']);
  });

  it.each([
    [
      'an encoder of sentences',
      { pipeline: 'sentence-similarity', config: { architectures: ['BertModel'], hidden_size: 384 } },
      'feature-extraction',
    ],
    ['an encoder that nobody described', { config: { architectures: ['BertModel'] } }, 'feature-extraction'],
    [
      'Whisper',
      {
        config: { model_type: 'whisper', max_target_positions: 448 },
        files: [
          ...['config.json', 'generation_config.json', 'preprocessor_config.json', 'tokenizer.json'].map((path) => file(path)),
          file('onnx/encoder_model_quantized.onnx'),
          file('onnx/decoder_model_merged_quantized.onnx'),
          file('onnx/decoder_model_quantized.onnx'),
          file('onnx/encoder_model_fp16.onnx'),
        ],
      },
      'automatic-speech-recognition',
    ],
  ])('%s is known by its configuration', (_, change, task) => {
    const description = describeWith(change);
    expect(description.task).toBe(task);
    if (task === 'automatic-speech-recognition') expect(description.variants.map(({ id }) => id)).toEqual(['q8-wasm']);
  });

  it('of sentences brings what says how one vector is made of a text, and says so where nothing does', () => {
    const sentences = { pipeline: 'sentence-similarity', config: { architectures: ['BertModel'] } };
    const pooling = '1_Pooling/config.json';
    const told = describeWith({ ...sentences, files: [...llama.files, file(pooling)] });
    expect(told.variants.every(({ files }) => files.includes(pooling))).toBe(true);
    expect(told.description).not.toContain('mean');
    const silent = describeWith(sentences);
    expect(silent.description).toContain('it is the mean over the tokens');
  });

  it.each([
    [
      'a task that no pipeline has, whatever its architecture looks like',
      { pipeline: 'image-text-to-text', config: { architectures: ['ViTForImageClassification'] } },
      'unsupported_task',
    ],
    ['no configuration worth the name', { config: 'oops' }, 'unsupported_task'],
    ['no ONNX export', { files: llama.files.filter(({ path }) => !path.startsWith('onnx/')) }, 'unsupported_device'],
    ['no tokenizer', { files: llama.files.filter(({ path }) => path !== 'tokenizer.json') }, 'unsupported_device'],
  ])('with %s is refused', (_, change, code) => {
    expect(() => describeWith(change)).toThrow(expect.objectContaining({ code }));
  });

  const folder = (graphs: readonly string[], ...others: readonly string[]) =>
    ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'preprocessor_config.json', ...others, ...graphs].map((path) => file(path));

  it.each([
    ['ViTForImageClassification', {}, ['onnx/model.onnx'], 'image-classification'],
    ['Wav2Vec2ForSequenceClassification', {}, ['onnx/model.onnx'], 'audio-classification'],
    ['BertForSequenceClassification', { 0: 'glad', 1: 'sad' }, ['onnx/model.onnx'], 'text-classification'],
    [
      'BertForSequenceClassification',
      { 0: 'ENTAILMENT', 1: 'neutral', 2: 'contradiction' },
      ['onnx/model.onnx'],
      'zero-shot-classification',
    ],
    ['OwlViTForObjectDetection', {}, ['onnx/model.onnx'], 'zero-shot-object-detection'],
    ['MarianMTModel', {}, ['onnx/encoder_model.onnx', 'onnx/decoder_model_merged.onnx'], 'translation'],
    ['CLIPModel', {}, ['onnx/model.onnx'], 'zero-shot-image-classification'],
  ])('a %s with classes %o does what its name and they say', (architecture, id2label, graphs, task) => {
    const described = describeWith({ config: { architectures: [architecture], id2label }, files: folder(graphs) });
    expect(described.task).toBe(task);
    expect(described.variants).toHaveLength(1);
  });

  it('is for what a person says, before what its server and its architecture say', () => {
    const files = folder(['onnx/model.onnx']);
    const config = { architectures: ['BertForSequenceClassification'] };
    expect(describeWith({ config, files, pipeline: 'text-classification', task: 'zero-shot-classification' }).task).toBe(
      'zero-shot-classification',
    );
    expect(describeWith({ config: { architectures: ['HeadOfOurOwn'] }, files, task: 'text-classification' }).task).toBe(
      'text-classification',
    );
    expect(() => describeWith({ config: { architectures: ['HeadOfOurOwn'] }, files })).toThrow(/name that task when you add it/);
  });

  it('may have its graph beside its configuration, as Optimum leaves it; of two of the same the usual one is taken', () => {
    const config = { architectures: ['BertForTokenClassification'] };
    const graphsOf = (graphs: readonly string[]) =>
      describeWith({ config, files: folder(graphs) }).variants.map(({ files }) => files.filter((path) => path.includes('.onnx')));
    expect(graphsOf(['model_optimized.onnx'])).toEqual([['model_optimized.onnx']]);
    const both = ['model.onnx', 'model_optimized.onnx', 'onnx/model.onnx', 'onnx/model.onnx_data', 'onnx/model_optimized.onnx'];
    expect(graphsOf(both)).toEqual([['onnx/model.onnx', 'onnx/model.onnx_data']]);
  });

  it('of several graphs is whole, and brings the voices that it speaks with', () => {
    const config = { model_type: 'supertonic', architectures: ['SupertonicForConditionalGeneration'] };
    const graphs = ['onnx/text_encoder.onnx', 'onnx/latent_denoiser.onnx', 'onnx/voice_decoder.onnx'];
    const [variant] = describeWith({ config, files: folder(graphs, 'voices/F1.bin') }).variants;
    expect(variant?.files).toEqual(expect.arrayContaining([...graphs, 'voices/F1.bin']));
    expect(() => describeWith({ config, files: folder(graphs.slice(1)) })).toThrow(/has no onnx\/text_encoder.onnx and/);
    const vocoder = { model_type: 'speecht5', architectures: ['SpeechT5ForTextToSpeech'] };
    expect(() => describeWith({ config: vocoder, files: folder(graphs) })).toThrow(/vocoder/);
  });

  it('shows the text of its licence, or says that there is none', () => {
    expect(describeWith({ licenceText: ' MIT License ' }).licence).toEqual({ spdx: 'mit', text: 'MIT License' });
    expect(describeWith({}).licence.text).toContain('carries no text');
    const { licence: _, ...unlicensed } = llama;
    expect(describeHubModel(unlicensed).licence).toMatchObject({ spdx: 'unknown', text: expect.stringContaining('does not say') });
  });

  it('passes over values in its files that are not what they should be', () => {
    const odd = { architectures: ['LlamaForCausalLM'], max_position_embeddings: '2048', hidden_size: -1 };
    const described = describeWith({ config: odd, generation: { eos_token_id: 'x' }, languages: ['en', 'not a tag', 'zh-Hans'] });
    expect(described.contextLength).toBeUndefined();
    expect(described.generation).toBeUndefined();
    expect(described.languages).toEqual(['en', 'zh-Hans']);
  });
});
