import { describe, expect, test } from 'vitest';
import { joined } from '../../core/joinedBytes.ts';
import { type FormRecipe, LOUDNESS_OUTPUT, TRANSCODED_DTYPES } from '../../core/making.ts';
import { type ByteSource, passing } from '../byteSource.ts';
import { withChannelsOf } from '../channelBytes.ts';
import { withEvenedChannels } from '../evenedChannels.ts';
import { ExternalData } from '../externalData.ts';
import { ggufModel } from '../gguf/ggufModel.ts';
import { ggufVocabulary } from '../gguf/ggufVocabulary.ts';
import { readGguf } from '../gguf/readGguf.ts';
import { bytesOf, type Extras, tinyGguf, tinyMetadata, tinyWeights } from '../gguf/testing/tinyGguf.ts';
import type { WrittenValue } from '../gguf/writeGguf.ts';
import { loudnessByLayer } from '../listening.ts';
import { kvDim, queryDim } from '../llama.ts';
import { buildLlama } from '../llamaGraph.ts';
import { madeOf } from '../testing/made.ts';
import { memorySource, TINY, UNEVEN } from '../testing/tinyLlama.ts';
import { formatOf, GRAPH_NAMES } from './forms.ts';
import { evenedParts, findInGguf, planTranscode } from './planTranscode.ts';

const gguf = (type: 'F16' | 'Q8_0' | 'Q4_0' = 'F16') => readGguf([memorySource(tinyGguf(type))]);

/** Where a tensor lies in a file. */
function placeOf(bytes: Uint8Array, name: string): number {
  let place = -1;
  const source = memorySource(bytes);
  const noting: ByteSource = {
    ...source,
    read(offset, length) {
      place = offset;
      return source.read(offset, length);
    },
  };
  readGguf([noting]).tensors.get(name)?.read();
  return place;
}

describe.each(TRANSCODED_DTYPES)('planned as %s', (dtype) => {
  test.each(['F16', 'Q8_0', 'Q4_0'] as const)('a file in %s becomes the bytes that writing front to back makes', (type) => {
    const written: number[] = [];
    const data = new ExternalData(`${GRAPH_NAMES[dtype]}_data`, (bytes) => written.push(...bytes));
    const model = ggufModel(gguf(type), ggufVocabulary(gguf(type).metadata).pieces.length);
    const graph = buildLlama(model.config, model.weights, formatOf(dtype), data);

    const plan = planTranscode(gguf(type), { dtype });
    expect(plan.files.find(({ path }) => path.endsWith('.onnx'))?.bytes).toEqual(graph);
    expect(plan.weights.sizeBytes).toBe(written.length);
    const made = new Uint8Array(plan.weights.sizeBytes);
    // In any order, and more than once.
    for (const step of [...plan.weights.steps].reverse()) {
      madeOf(step);
      const { parts } = madeOf(step);
      for (const [part, { offsetBytes, sizeBytes }] of step.ranges.entries()) {
        const bytes = parts[part] ?? new Uint8Array();
        expect(bytes.length).toBe(sizeBytes);
        made.set(bytes, offsetBytes);
      }
    }
    expect([...made]).toEqual(written);
  });

  test.each(['F16', 'Q8_0', 'Q4_0'] as const)(
    'a file in %s is read through buffers that are given back, and comes out the same',
    (type) => {
      const bytes = tinyGguf(type);
      const copying: ByteSource = { sizeBytes: bytes.length, read: (offset, length) => bytes.slice(offset, offset + length) };
      const steps = planTranscode(readGguf([passing(copying)]), { dtype }).weights.steps.map(madeOf);
      expect(steps).toEqual(planTranscode(gguf(type), { dtype }).weights.steps.map(madeOf));
    },
  );

  test('each matrix says how far it is from the numbers of the file', () => {
    // Of 16 bits nothing is lost in 16 bits.
    const errors = planTranscode(gguf(dtype === 'fp16' ? 'Q8_0' : 'F16'), { dtype }).weights.steps.flatMap((step) =>
      step.name === undefined ? [] : [madeOf(step).error ?? -1],
    );
    expect(errors).toHaveLength(9);
    const most = { int8: 0.01, q8: 0.01, q4: 0.15, fp16: 0.0003 }[dtype];
    for (const error of errors) {
      expect(error).toBeGreaterThan(0);
      expect(error).toBeLessThan(most);
    }
  });
});

describe('planned in 8 bits with its channels evened', () => {
  const { config, weights } = ggufModel(gguf(), ggufVocabulary(gguf().metadata).pieces.length);
  const channels = config.layers * (2 * config.dim + queryDim(config) + config.hidden);
  const loudness = Float32Array.from({ length: channels }, (_, i) => (i % 50 === 0 ? 300 : 1 + (i % 7)));
  const evened = joined([...evenedParts(gguf(), loudness)]);
  const filesOf = (recipe: Omit<FormRecipe, 'dtype'>) => planTranscode(gguf(), { dtype: 'int8', ...recipe });

  test('a file becomes a graph of the same bytes and weights of the same size, which are those of the evened model', () => {
    const [plain, even] = [filesOf({}), filesOf({ evened })];
    expect(even.files).toEqual(plain.files);
    expect(even.weights.sizeBytes).toBe(plain.weights.sizeBytes);
    const written: number[] = [];
    const data = new ExternalData('w', (bytes) => written.push(...bytes));
    buildLlama(config, withChannelsOf({ config, weights }, evened), formatOf('int8'), data);
    const made = new Uint8Array(even.weights.sizeBytes);
    for (const step of even.weights.steps)
      for (const [part, { offsetBytes }] of step.ranges.entries()) made.set(madeOf(step).parts[part] ?? new Uint8Array(), offsetBytes);
    expect([...made]).toEqual(written);
    expect(even.weights.steps.map(madeOf)).not.toEqual(plain.weights.steps.map(madeOf));
  });

  test('a byte a channel is near what it stands for, however far that is from 1', () => {
    expect(evened).toHaveLength(config.layers * (2 * config.dim + kvDim(config) + config.hidden));
    const exact = withEvenedChannels(config, weights, (index) => loudnessByLayer(config, loudness)[index] ?? expect.fail());
    const rounded = withChannelsOf({ config, weights }, evened);
    for (const part of ['attentionNorm', 'feedForwardNorm'] as const)
      for (const [i, scale] of rounded.layer(1)[part].entries())
        expect(Math.abs(Math.log2(scale / (exact.layer(1)[part][i] ?? Number.NaN)))).toBeLessThan(1 / 16 + 1e-5);
  });

  test('by what was measured or written of another model is refused', () => {
    expect(() => [...evenedParts(gguf(), loudness.subarray(1))]).toThrow(expect.objectContaining({ code: 'internal' }));
    expect(() => filesOf({ evened: evened.slice(1) })).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  test('is listened to by a graph of its own over the same weights', () => {
    const [plain, heard] = [filesOf({}), filesOf({ listening: true })];
    expect(heard.weights.steps.map(madeOf)).toEqual(plain.weights.steps.map(madeOf));
    const graphOf = ({ files }: typeof plain) => new TextDecoder('latin1').decode(files.find(({ path }) => path.endsWith('.onnx'))?.bytes);
    expect(graphOf(heard)).toContain(LOUDNESS_OUTPUT);
    expect(graphOf(plain)).not.toContain(LOUDNESS_OUTPUT);
  });
});

describe.each(['F32', 'F16', 'Q8_0', 'Q4_0'] as const)('a file in %s that was damaged where its weights are', (type) => {
  test.each(TRANSCODED_DTYPES)('is refused when it becomes %s, by the name of the matrix, and not made into zeros', (dtype) => {
    const bytes = tinyGguf(type).slice();
    const tensor = 'blk.1.ffn_down.weight';
    // Infinite, in halves and in floats, from the first scale or number of a row on.
    bytes.set(type === 'F32' ? [0, 0, 0x80, 0x7f] : [0, 0x7c], placeOf(bytes, tensor));
    const steps = planTranscode(readGguf([memorySource(bytes)]), { dtype }).weights.steps.filter(({ name }) =>
      name?.endsWith('1.mlp.down_proj'),
    );
    expect(steps).toHaveLength(1);
    const refusal = { code: 'invalid_request', details: { reason: 'malformed' }, message: expect.stringContaining(tensor) };
    expect(() => steps.map(madeOf)).toThrow(expect.objectContaining(refusal));
  });
});

test('of blocks that are kept as they are nothing is lost', () => {
  const { steps } = planTranscode(gguf('Q4_0'), { dtype: 'q4' }).weights;
  expect(steps.flatMap((step) => (step.name === undefined ? [] : [madeOf(step).error]))).toEqual(Array.from({ length: 9 }, () => 0));
});

test('the form of 16 bits keeps numbers of 16 bits as they are, and takes what there is of a GPU', () => {
  const { steps } = planTranscode(gguf('F16'), { dtype: 'fp16' }).weights;
  expect(steps.flatMap((step) => (step.name === undefined ? [] : [madeOf(step).error]))).toEqual(Array.from({ length: 9 }, () => 0));
  const bytes = tinyGguf('F16');
  const found = findInGguf(readGguf([memorySource(bytes)]), bytes.length, ['q4', 'fp16']);
  const [q4, fp16] = found.forms.map(({ variant }) => variant);
  expect(fp16).toMatchObject({ id: 'fp16-webgpu', dtype: 'fp16', device: 'webgpu' });
  expect(fp16?.needs.bufferBytes).toBeGreaterThan(q4?.needs.bufferBytes ?? 0);
  // Whoever imported before has the same configuration under the same digest.
  const configOf = (dtype: 'q4' | 'fp16') => planTranscode(gguf(), { dtype }).files.find(({ path }) => path === 'config.json')?.bytes;
  expect(configOf('fp16')).toEqual(configOf('q4'));
});

test('a file whose rows do not divide into blocks becomes each form, with those matrices in 32 bits, of which nothing is lost', () => {
  const uneven = readGguf([memorySource(tinyGguf('F16', 'llama', {}, UNEVEN))]);
  expect(findInGguf(uneven, 1, TRANSCODED_DTYPES).forms.map(({ dtype }) => dtype)).toEqual(TRANSCODED_DTYPES);
  for (const dtype of ['q4', 'q8'] as const) {
    const matrices = planTranscode(uneven, { dtype }).weights.steps.filter(({ name }) => name !== undefined);
    expect(matrices.map((step) => madeOf(step).error)).toEqual(Array.from({ length: 9 }, () => 0));
  }
});

test('tables of turns are made when they are written: a plan of a long context holds none', () => {
  const long = readGguf([memorySource(tinyGguf('F16', 'llama', {}, { ...TINY, context: 32_768 }))]);
  const { steps } = planTranscode(long, { dtype: 'int8' }).weights;
  const large = steps.filter(({ name, ranges }) => name === undefined && (ranges[0]?.sizeBytes ?? 0) >= 2 ** 20);
  expect(large).toHaveLength(2);
  for (const { make } of large) {
    expect(make(0).parts).toEqual(make(0).parts);
    expect(make(0).parts[0]?.buffer).not.toBe(make(0).parts[0]?.buffer);
  }
});

test('a form for a GPU says how many buffers its shaders bind, where that is more than every GPU binds', () => {
  const needed = (architecture: string, extras: Extras = {}) =>
    findInGguf(readGguf([memorySource(tinyGguf('F16', architecture, extras))]), 1, ['int8', 'q4', 'fp16']).forms.map(
      ({ variant }) => variant.needs.storageBuffers,
    );
  expect(needed('llama')).toEqual([undefined, undefined, undefined]);
  expect(needed('qwen3', { headNorms: true })).toEqual([undefined, 9, 9]);
});

test('tokens of a model whose texts have no beginning are not tried behind one, though the file names it', () => {
  const values = [...tinyMetadata('llama'), ['tokenizer.ggml.add_bos_token', { bool: false }]] as const;
  const tensors = tinyWeights('F16');
  const questionOf = (metadata: ReadonlyMap<string, WrittenValue>) =>
    findInGguf(readGguf([memorySource(bytesOf({ metadata, tensors }))]), 1, ['int8']).sinkQuestion;
  expect(questionOf(tinyMetadata('llama'))).toMatchObject({ begin: 1, always: [1, 2] });
  const { begin, always } = questionOf(new Map(values)) ?? {};
  expect(begin).toBeUndefined();
  expect(always).toEqual([1, 2]);
});

test('what is in a file is told without looking at a weight', () => {
  const bytes = tinyGguf('Q8_0');
  let read = 0;
  const source = memorySource(bytes);
  const counting = {
    sizeBytes: source.sizeBytes,
    read(offset: number, length: number) {
      read = Math.max(read, length);
      return source.read(offset, length);
    },
  };
  const found = findInGguf(readGguf([counting]), bytes.length, ['int8', 'q4']);
  expect(found).toMatchObject({
    architecture: 'llama',
    contextLength: 16,
    sizeBytes: bytes.length,
    tokenizer: { kind: 'llama', tokens: 32 },
    generation: { bosTokenId: 1, eosTokenIds: [2] },
    sinkTokens: [1, 2, 3],
  });
  expect(found.types).toEqual({ Q8_0: 15, F32: 5 });
  expect(found.forms.map(({ variant }) => [variant.id, variant.files.at(-1)])).toEqual([
    ['int8-wasm', 'onnx/model_int8.onnx_data'],
    ['q4-webgpu', 'onnx/model_q4.onnx_data'],
  ]);
  for (const { dtype, files } of found.forms) {
    expect(files.at(-1)?.sizeBytes).toBe(planTranscode(readGguf([source]), { dtype }).weights.sizeBytes);
  }
  // The forms share a configuration, so that one can lie beside the other.
  const [int8, q4] = found.forms.map(({ files }) => files.find(({ path }) => path === 'config.json')?.sizeBytes);
  expect(int8).toBe(q4);
});

test('the licence that a file names is told by its id, its own name and where to read it', () => {
  const licence = { licence: 'other', licenceName: 'qwen-research', licenceLink: 'https://example.org/licence' };
  const metadata = new Map<string, WrittenValue>([
    ...tinyMetadata('llama'),
    ['general.license', { string: licence.licence }],
    ['general.license.name', { string: licence.licenceName }],
    ['general.license.link', { string: licence.licenceLink }],
  ]);
  const bytes = bytesOf({ metadata, tensors: tinyWeights('F16') });
  expect(findInGguf(readGguf([memorySource(bytes)]), bytes.length, ['int8'])).toMatchObject(licence);
});
