import { describe, expect, it } from 'vitest';
import type { RuntimeBuild } from '../../core/builds.ts';
import { parseDigest, parseModelId, parseRevisionId, parseVariantId } from '../../core/ids.ts';
import { parseManifest } from '../../core/manifest.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import { TINY } from '../../core/testing/tinyManifest.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createHub } from '../hub.ts';
import { createFakeLocks } from '../testing/storeFixture.ts';
import { storageReport } from './storage.ts';
import { keepRuntime, prepareRuntime } from './upkeep.ts';

const modelId = parseModelId('tiny');
const gpuVariant = parseVariantId('q4-webgpu');
const cpuVariant = parseVariantId('int8-wasm');
const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
const revision = parseRevisionId(`sha256:${'e'.repeat(64)}`);

async function installed(jspi: boolean, variant = gpuVariant) {
  const store = createMemoryStore();
  const entry = { modelId, revision, variant, startedAtMs: 0, licenceAcceptedAtMs: 0, state: 'running', by: 'person', rank: 0 } as const;
  await store.models.beginInstall(
    entry,
    parseManifest({
      ...TINY,
      id: modelId,
      files: [{ path: 'weights.bin', sizeBytes: 1, chunks: [{ digest, sizeBytes: 1 }] }],
      variants: [
        { id: gpuVariant, dtype: 'q4', device: 'webgpu', files: ['weights.bin'], needs: { memoryBytes: 1 } },
        { id: cpuVariant, dtype: 'int8', device: 'wasm', files: ['weights.bin'], needs: { memoryBytes: 1 } },
      ],
    }),
  );
  await store.chunks.put(digest, new Blob(['x']));
  await store.models.commitInstall(entry, 0);
  const device = createDeviceService(async () => ({ ...PLAIN_DEVICE, wasm: { ...PLAIN_DEVICE.wasm, jspi } }), PLAIN_STORAGE);
  const kept = new Set<RuntimeBuild>();
  const assets = {
    ensure: async (build: RuntimeBuild) => void kept.add(build),
    keepOnly: async (builds: Iterable<RuntimeBuild>) => {
      const wanted = new Set(builds);
      for (const build of kept) if (!wanted.has(build)) kept.delete(build);
    },
    has: async (build: RuntimeBuild) => kept.has(build),
    sizeBytes: () => 14,
  };
  return {
    store,
    device,
    assets,
    kept,
    storageManager: PLAIN_STORAGE,
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

describe('the runtime before any model', () => {
  async function ready({ metered = false, online = true, gpu = false, allow = false, empty = true, of = gpuVariant } = {}) {
    const device = await installed(true, of);
    if (empty) await device.store.models.remove(modelId, 0);
    device.kept.clear();
    const told: string[] = [];
    const names = { vendor: 'test', architecture: '', description: '' };
    const webgpu = gpu
      ? ({ available: true, fallback: false, ...names, f16: false, features: [], limits: {} } as const)
      : PLAIN_DEVICE.webgpu;
    const report = async () => ({ ...PLAIN_DEVICE, wasm: { ...PLAIN_DEVICE.wasm, jspi: true }, webgpu });
    const call = {
      deps: {
        ...device,
        device: createDeviceService(report, PLAIN_STORAGE),
        connection: { isOnline: () => online, isMetered: () => metered, onChange: () => undefined },
      },
      downloads: { settings: async () => ({ metered: allow ? ('allow' as const) : ('ask' as const) }) },
      hub: { ...createHub({ send: () => undefined, listen: () => undefined }, { now: () => 0, monotonicMs: () => 0 }) },
    };
    call.hub.tell = (event) => void told.push(event.type);
    return { call, kept: device.kept, told, report: () => storageReport(call.deps) };
  }

  it('is kept for models that come from a file, and the app then does not claim to answer', async () => {
    const { call, kept, told, report } = await ready();
    expect((await report()).runtimeMissingBytes).toBe(14);
    await prepareRuntime(call);
    await prepareRuntime(call);
    expect([...kept]).toEqual(['plain']);
    expect(told).toEqual(['models']);
    expect(await report()).toMatchObject({ runtimeMissingBytes: 0, runsOffline: false });
  });

  it('is the plain build alone, also where a real GPU may run what comes', async () => {
    const { call, kept } = await ready({ gpu: true });
    await prepareRuntime(call);
    expect([...kept]).toEqual(['plain']);
  });

  it('is not fetched unasked where that may cost, nor without a network', async () => {
    for (const where of [{ metered: true }, { online: false }]) {
      const { call, kept } = await ready(where);
      await prepareRuntime(call);
      expect([...kept]).toEqual([]);
      await prepareRuntime(call, { asked: true });
      expect([...kept]).toEqual(['plain']);
    }
    const { call, kept } = await ready({ metered: true, allow: true });
    await prepareRuntime(call);
    expect([...kept]).toEqual(['plain']);
  });

  it('of a model on the GPU is followed by the plain one, with which the model goes on when that GPU is lost', async () => {
    const { call, kept, report } = await ready({ empty: false });
    await keepRuntime(call.deps);
    expect([...kept]).toEqual(['jspi']);
    expect(await report()).toMatchObject({ runsOffline: true, runtimeMissingBytes: 14 });
    await prepareRuntime(call);
    expect([...kept].sort()).toEqual(['jspi', 'plain']);
    expect((await report()).runtimeMissingBytes).toBe(0);
  });

  it('of a GPU that was only tested is dropped, but not before an install under way is through', async () => {
    const { call, kept } = await ready({ empty: false, of: cpuVariant, online: false });
    kept.add('plain').add('jspi');
    const under = {
      modelId: parseModelId('other'),
      startedAtMs: 0,
      licenceAcceptedAtMs: 0,
      state: 'running',
      by: 'person',
      rank: 0,
    } as const;
    const other = parseRevisionId(`sha256:${'d'.repeat(64)}`);
    const manifest = await call.deps.store.models.manifest(revision);
    if (!manifest) throw new Error('the model is not there');
    await call.deps.store.models.beginInstall({ ...under, revision: other, variant: gpuVariant }, manifest);
    await prepareRuntime(call);
    expect([...kept]).toEqual(['plain', 'jspi']);
    await call.deps.store.models.abandonInstall(other);
    await prepareRuntime(call);
    expect([...kept]).toEqual(['plain']);
  });
});
