import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseModelId, parseRevisionId } from '../../src/core/ids.ts';
import { canonicalManifest, chunksOf, filesOf, variantOf } from '../../src/core/manifest.ts';
import { createDigests } from '../../src/delivery/digests.ts';
import { matchesPattern } from '../../src/platform/linearRegex.ts';
import { checkSchema } from '../../src/platform/schemaCheck.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { createDeviceService } from '../../src/services/device/device.ts';
import { createHub } from '../../src/services/hub.ts';
import { createMemory } from '../../src/services/sessions/memory.ts';
import { createSessions } from '../../src/services/sessions/sessions.ts';
import { createOrigin } from '../../src/services/testing/origin.ts';
import { refusingModel } from '../../src/services/testing/refusingModel.ts';
import { createGate } from '../../src/services/updates/gate.ts';
import { createMemoryStore } from '../../src/storage/memoryStore.ts';
import { sha256 } from '../digests.ts';
import { loadNodeModel } from '../evaluate/nodeModel.ts';
import { MODELS_FOLDER, REFERENCE_FOLDER } from './ensure.ts';
import { builtModel } from './testing/builtModel.ts';

const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

/** Installs a built model and puts it before the app's own gate, over ONNX Runtime for Node. */
async function tryOut(root: string, name: string, shape: { heads: number; headDim: number; vocabulary: number }) {
  const { manifest, folder } = await builtModel(root, name);
  const [first] = manifest.variants;
  if (!first) throw new Error(`${name} has no variant`);
  const variant = variantOf(manifest, first.id);
  const store = createMemoryStore();
  const id = parseModelId(manifest.id);
  const revision = parseRevisionId(sha256(canonicalManifest(manifest)));
  const entry = {
    modelId: id,
    revision,
    variant: variant.id,
    startedAtMs: 0,
    licenceAcceptedAtMs: 0,
    state: 'running',
    by: 'person',
    rank: 0,
  } as const;
  await store.models.beginInstall(entry, manifest);
  for (const file of filesOf(manifest, variant)) {
    const blob = await openAsBlob(join(folder, file.path));
    let offset = 0;
    for (const chunk of file.chunks) {
      await store.chunks.put(chunk.digest, blob.slice(offset, offset + chunk.sizeBytes));
      offset += chunk.sizeBytes;
    }
  }
  expect(await store.chunks.missing(chunksOf(manifest, variant).map((chunk) => chunk.digest))).toEqual([]);
  const slots = await store.models.commitInstall(entry, 0);
  if (!slots.active) throw new Error('not installed');

  const runtime: Runtime = {
    prepare: () => undefined,
    load: async (spec) => ({
      ...refusingModel({ loadMs: 0, build: 'plain', device: spec.device, threads: 1 }),
      ...(await loadNodeModel(folder, manifest, variant, shape)),
    }),
  };
  const device = createDeviceService(
    async () => ({
      secureContext: true,
      crossOriginIsolated: true,
      logicalCores: 2,
      wasm: { available: true, simd: true, threads: true, jspi: false },
      webgpu: { available: false, reason: 'no-api' },
      userAgent: '',
      versions: { sill: '0.1.0', onnxruntime: '1', transformers: '4' },
    }),
    { estimate: async () => ({}), persisted: async () => false },
  );
  const hub = createHub({ send: () => undefined, listen: () => undefined }, clock);
  const assets = { ensure: async () => undefined, keepOnly: async () => undefined, has: async () => true, sizeBytes: () => 14 };
  const { locks } = createOrigin().openTab();
  const repairs = { damageBehind: async () => undefined, mendUnasked: async () => false };
  const memory = createMemory({ settings: store.settings, device, clock, hub });
  const sessions = createSessions({ store, runtime, assets, device, locks, clock, hub, repairs, memory, usage: { note: () => undefined } });
  const loadSpeech = () => Promise.reject(new Error('not part of this test'));
  const gate = createGate({
    store,
    runtime,
    assets,
    device,
    sessions,
    clock,
    digests: createDigests(crypto.subtle),
    versions: { sill: '0.1.0', onnxruntime: '1' },
    loadMatcher: async () => matchesPattern,
    loadSchemaCheck: async () => checkSchema,
    loadSpeech,
  });
  return gate(id, slots.active, { signal: new AbortController().signal, compare: false });
}

test('a published model that writes nonsense is refused, with what it wrote', async () => {
  const result = await tryOut(REFERENCE_FOLDER, 'minimind2-small', { heads: 2, headDim: 64, vocabulary: 6400 });
  expect(result).toMatchObject({ passed: false, failure: 'evaluation', candidate: { score: 0 } });
  expect(result.reason).toContain('2 of 2 cases');
  expect(result.candidate?.failedCases?.[0]?.asserts[0]?.reason).toContain('does not contain "Paris"');
});

test('a sound one passes the same gate', async () => {
  const result = await tryOut(MODELS_FOLDER, 'stories15m', { heads: 6, headDim: 48, vocabulary: 32_000 });
  expect(result).toMatchObject({ passed: true, candidate: { score: 1 } });
});
