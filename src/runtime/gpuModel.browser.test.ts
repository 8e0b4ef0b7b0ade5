import { beforeAll, expect, test } from 'vitest';
import { STORAGE_BUFFERS } from '../core/manifest.ts';
import { ExternalData } from '../forge/externalData.ts';
import { ggufModel } from '../forge/gguf/ggufModel.ts';
import { ggufVocabulary } from '../forge/gguf/ggufVocabulary.ts';
import { readGguf } from '../forge/gguf/readGguf.ts';
import { FAMILIES, familyGguf } from '../forge/gguf/testing/familyGguf.ts';
import { buildLlama } from '../forge/llamaGraph.ts';
import { memorySource } from '../forge/testing/tinyLlama.ts';
import { findInGguf } from '../forge/transcode/planTranscode.ts';
import { q4 } from '../forge/weightFormats.ts';
import type { CausalModel, Sequence } from './causalModel.ts';
import { createGpuModel } from './gpuModel.ts';
import { ModelFiles } from './modelFiles.ts';
import { loadOrt, type Ort } from './ort.ts';
import { createSession } from './session.ts';
import { createSessionModel } from './sessionModel.ts';
import { CONTEXT_LENGTH, tinyDecoder } from './testing/tinyDecoder.ts';

const WORDS = 32;
const ids = (length: number, seed: number) => Array.from({ length }, (_, i) => 1 + ((i * 7 + seed * 5) % (WORDS - 1)));

let ort: Ort;
let inPlace: CausalModel;
let copying: CausalModel;
let taken = 0;
/** Most storage buffers that a shader was given. */
let bound = 0;
/** How many the runtime asks of the adapter, and how many that has to offer. */
let asked: readonly [asked: number | undefined, offered: number] | undefined;

beforeAll(async () => {
  const bind = GPUDevice.prototype.createBindGroup;
  GPUDevice.prototype.createBindGroup = function (descriptor) {
    const isStorage = ({ resource }: GPUBindGroupEntry) => 'buffer' in resource && (resource.buffer.usage & GPUBufferUsage.STORAGE) !== 0;
    bound = Math.max(bound, [...descriptor.entries].filter(isStorage).length);
    return bind.call(this, descriptor);
  };
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = function (descriptor) {
    asked = [descriptor?.requiredLimits?.maxStorageBuffersPerShaderStage, this.limits.maxStorageBuffersPerShaderStage];
    return request.call(this, descriptor);
  };
  ort = await loadOrt('jspi', 1);
  const files = new ModelFiles('tiny', tinyDecoder().files);
  const session = await createSession(ort, files, { device: 'webgpu', options: { preferredOutputLocation: 'gpu-buffer' } });
  const device = await ort.env.webgpu.device;
  inPlace = createGpuModel(ort, session, counted(device), { vocabularySize: WORDS, contextLength: CONTEXT_LENGTH });
  copying = createSessionModel(ort, session, WORDS);
});

/** A device that counts how many buffers of a cache there are. */
function counted(device: GPUDevice): GPUDevice {
  const createBuffer: GPUDevice['createBuffer'] = (descriptor) => {
    const buffer = device.createBuffer(descriptor);
    taken += 1;
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      taken -= 1;
      destroy();
    };
    return buffer;
  };
  return new Proxy(device, {
    get(target, name) {
      if (name === 'createBuffer') return createBuffer;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** What both models say after the same calls, to be the same but for the order of sums. */
async function agree(calls: (model: CausalModel) => AsyncGenerator<Float32Array>): Promise<void> {
  const [own, other] = [calls(inPlace), calls(copying)];
  for (;;) {
    const mine = await own.next();
    const theirs = await other.next();
    expect(mine.done).toBe(theirs.done);
    if (mine.done || theirs.done) return;
    expect(mine.value).toHaveLength(WORDS);
    for (const [i, score] of mine.value.entries()) expect(score).toBeCloseTo(theirs.value[i] ?? Number.NaN, 3);
  }
}

const says = async (sequence: Sequence, tokens: readonly number[]) => (await sequence.forward(tokens)).slice();

test('scores are those of a cache that is copied at each step, also behind a part whose scores nobody wanted', async () => {
  await agree(async function* (model) {
    const sequence = model.start();
    await sequence.forward(ids(40, 1), false);
    yield says(sequence, ids(20, 2));
    for (let step = 0; step < 5; step++) yield says(sequence, ids(1, step));
    expect(sequence.length).toBe(65);
    sequence.release();
  });
});

test('a cache grows past its first room up to the end of the context', async () => {
  await agree(async function* (model) {
    const sequence = model.start();
    yield says(sequence, ids(250, 1));
    yield says(sequence, ids(128, 2));
    yield says(sequence, ids(1, 3));
    yield says(sequence, ids(CONTEXT_LENGTH - 379, 4));
    expect(sequence.length).toBe(CONTEXT_LENGTH);
    sequence.release();
  });
});

test('sequences that share a beginning go on from it without disturbing each other', async () => {
  await agree(async function* (model) {
    const first = model.start();
    yield says(first, ids(30, 1));
    const block = first.keep(0);
    const second = first.fork();
    yield says(first, ids(3, 2));
    yield says(second, ids(3, 3));
    yield says(first, ids(1, 4));
    yield says(second, ids(1, 5));
    const third = model.start();
    third.restore([block]);
    expect(third.length).toBe(30);
    yield says(third, ids(2, 6));
    first.release();
    second.release();
    yield says(third, ids(1, 7));
    third.release();

    const later = model.start();
    later.restore([block]);
    yield says(later, ids(2, 6));
    const longer = later.keep(30);
    later.release();
    longer.drop();
    const again = model.start();
    again.restore([block]);
    yield says(again, ids(2, 6));
    again.release();
    block.drop();
  });
});

test('what is kept is counted once, outlives its sequence in no more room than it needs, and nothing is left in the end', async () => {
  expect(taken).toBe(0);
  const { tokenBytes } = inPlace;
  const sequence = inPlace.start();
  await sequence.forward(ids(20, 1));
  const first = sequence.keep(0);
  await sequence.forward(ids(10, 2));
  const second = sequence.keep(20);
  expect([first.sizeBytes, second.sizeBytes]).toEqual([20 * tokenBytes, 10 * tokenBytes]);
  expect(taken).toBeGreaterThan(0);
  sequence.release();
  expect(taken).toBeGreaterThan(0);
  second.drop();
  const other = inPlace.start();
  other.restore([first]);
  expect(other.length).toBe(20);
  other.release();
  first.drop();
  expect(taken).toBe(0);
});

test('a conversation that outgrows its room takes along what was kept of it, and leaves nothing behind', async () => {
  const { tokenBytes } = inPlace;
  const first = inPlace.start();
  await first.forward(ids(20, 1));
  const instructions = first.keep(0);
  first.release();
  const ofOneRoom = taken;
  expect(ofOneRoom).toBeGreaterThan(0);

  const second = inPlace.start();
  second.restore([instructions]);
  await second.forward(ids(10, 2));
  const turn = second.keep(20);
  expect([instructions.sizeBytes, turn.sizeBytes]).toEqual([20 * tokenBytes, 10 * tokenBytes]);
  second.release();
  expect(taken).toBe(ofOneRoom);

  const third = inPlace.start();
  third.restore([instructions]);
  expect(third.length).toBe(20);
  const scores = await says(third, ids(10, 2));
  third.release();
  const fresh = inPlace.start();
  await fresh.forward(ids(20, 1), false);
  expect(await says(fresh, ids(10, 2))).toEqual(scores);
  fresh.release();
  turn.drop();
  instructions.drop();
  expect(taken).toBe(0);
});

/** The most that its shaders bind, and what its manifest says of that. */
async function buffersOf(title: string) {
  const family = FAMILIES.find((each) => each.title === title);
  if (!family) throw new Error(`there is no family ${title}`);
  const bytes = familyGguf(family);
  const gguf = readGguf([memorySource(bytes)]);
  const vocabularySize = ggufVocabulary(gguf.metadata).pieces.length;
  const model = ggufModel(gguf, vocabularySize);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const data = new ExternalData('model.onnx_data', (part) => parts.push(part.slice()));
  const graph = buildLlama(model.config, model.weights, q4, data);
  const files = new ModelFiles('tiny', [
    { path: 'onnx/model.onnx', blob: new Blob([graph.slice()]) },
    { path: 'onnx/model.onnx_data', blob: new Blob(parts) },
  ]);
  const session = await createSession(ort, files, { device: 'webgpu', options: { preferredOutputLocation: 'gpu-buffer' } });
  bound = 0;
  const sequence = createSessionModel(ort, session, vocabularySize).start();
  await sequence.forward([1, 40, 41, 42, 43]);
  await sequence.forward([44]);
  sequence.release();
  const [form] = findInGguf(gguf, bytes.length, ['q4']).forms;
  return { bound, needed: form?.variant.needs.storageBuffers ?? STORAGE_BUFFERS };
}

/** With the fused attention, and with the same where each head is normalised. */
test.each(['llama', 'qwen3'])('a model of the kind %s binds no more buffers in a shader than its form says it needs', async (title) => {
  const { bound: most, needed } = await buffersOf(title);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(needed);
  // What is needed beyond the default is needed indeed: a device that has no more of them is not refused for nothing.
  if (needed > STORAGE_BUFFERS) expect(most).toBe(needed);
});

test('the runtime asks for as many buffers in a shader as the adapter has to offer', () => {
  expect(asked?.[1]).toBeGreaterThanOrEqual(STORAGE_BUFFERS);
  expect(asked?.[0]).toBe(asked?.[1]);
});
