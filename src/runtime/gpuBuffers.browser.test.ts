import { beforeAll, expect, test } from 'vitest';
import { STORAGE_BUFFERS } from '../core/manifest.ts';
import { ExternalData } from '../forge/externalData.ts';
import { ggufModel } from '../forge/gguf/ggufModel.ts';
import { ggufVocabulary } from '../forge/gguf/ggufVocabulary.ts';
import { readGguf } from '../forge/gguf/readGguf.ts';
import { FAMILIES, type Family, familyGguf } from '../forge/gguf/testing/familyGguf.ts';
import { buildLlama } from '../forge/llamaGraph.ts';
import { memorySource } from '../forge/testing/tinyLlama.ts';
import { findInGguf } from '../forge/transcode/planTranscode.ts';
import { q4 } from '../forge/weightFormats.ts';
import { ModelFiles } from './modelFiles.ts';
import { loadOrt, type Ort } from './ort.ts';
import { createSession } from './session.ts';
import { createSessionModel } from './sessionModel.ts';

let ort: Ort;
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
}, 120_000);

/** The most that its shaders bind, and what its manifest says of that. */
async function buffersOf(family: Family) {
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
  await session.release();
  const [form] = findInGguf(gguf, bytes.length, ['q4']).forms;
  return { bound, needed: form?.variant.needs.storageBuffers ?? STORAGE_BUFFERS };
}

/** With the fused attention; with the same where each head is normalised; with attention written out. */
test.each(['llama', 'qwen3', 'gemma2'])(
  'a model of the kind %s binds no more buffers in a shader than its form says it needs',
  async (title) => {
    const family = FAMILIES.find((each) => each.title === title);
    if (!family) throw new Error(`there is no family ${title}`);
    const { bound: most, needed } = await buffersOf(family);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(needed);
    // What is needed beyond the default is needed indeed: a device that has no more of them is not refused for nothing.
    if (needed > STORAGE_BUFFERS) expect(most).toBe(needed);
    expect(asked?.[0]).toBe(asked?.[1]);
  },
);
