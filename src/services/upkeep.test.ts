import { describe, expect, it } from 'vitest';
import type { RuntimeBuild } from '../core/builds.ts';
import { parseDigest, parseModelId, parseRevisionId, parseVariantId } from '../core/ids.ts';
import { parseManifest } from '../core/manifest.ts';
import { PLAIN_DEVICE } from '../core/testing/plainDevice.ts';
import { createMemoryStore } from '../storage/memoryStore.ts';
import { createDeviceService } from './device.ts';
import { storageReport } from './storage.ts';
import { createFakeLocks } from './testing/storeFixture.ts';
import { keepRuntime } from './upkeep.ts';

const modelId = parseModelId('tiny');
const variant = parseVariantId('q4-webgpu');
const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
const revision = parseRevisionId(`sha256:${'e'.repeat(64)}`);
const storageManager = { estimate: async () => ({}), persisted: async () => false };

async function installed(jspi: boolean) {
  const store = createMemoryStore();
  const entry = { modelId, revision, variant, startedAtMs: 0, licenceAcceptedAtMs: 0, state: 'running', by: 'person', rank: 0 } as const;
  await store.models.beginInstall(
    entry,
    parseManifest({
      schema: 1,
      id: modelId,
      name: 'Tiny',
      description: 'A model for tests.',
      task: 'text-generation',
      languages: [],
      licence: { spdx: 'MIT', text: 'text' },
      parameters: 1,
      files: [{ path: 'weights.bin', sizeBytes: 1, chunks: [{ digest, sizeBytes: 1 }] }],
      variants: [{ id: variant, dtype: 'q4', device: 'webgpu', files: ['weights.bin'], needs: { memoryBytes: 1 } }],
      minimumRuntime: '0.1.0',
      provenance: { source: 'test' },
    }),
  );
  await store.chunks.put(digest, new Blob(['x']));
  await store.models.commitInstall(entry, 0);
  const device = createDeviceService(async () => ({ ...PLAIN_DEVICE, wasm: { ...PLAIN_DEVICE.wasm, jspi } }), storageManager);
  const kept = new Set<RuntimeBuild>();
  const assets = { ensure: async (build: RuntimeBuild) => void kept.add(build), has: async (build: RuntimeBuild) => kept.has(build) };
  return {
    store,
    device,
    assets,
    kept,
    storageManager,
    keptFiles: { runtimeBytes: async () => 14, shellBytes: async () => 3 },
    locks: createFakeLocks(),
    usage: { lastUsedAtMs: async () => undefined },
    inspection: { verifiedAtMs: async () => 0 },
  };
}

describe('the runtime of installed models', () => {
  it('is fetched again when an app update or a rescue left none, and only the build that this browser uses', async () => {
    const withJspi = await installed(true);
    await keepRuntime(withJspi);
    expect([...withJspi.kept]).toEqual(['jspi']);
    const without = await installed(false);
    await keepRuntime(without);
    expect([...without.kept]).toEqual(['asyncify']);
  });

  it('decides with the models whether the app runs offline', async () => {
    const device = await installed(true);
    expect((await storageReport(device)).runsOffline).toBe(false);
    await keepRuntime(device);
    expect((await storageReport(device)).runsOffline).toBe(true);
    await device.store.models.remove(modelId, 0);
    expect((await storageReport(device)).runsOffline).toBe(false);
  });
});
