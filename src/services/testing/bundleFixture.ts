/** A publisher with real keys, the bundles that its tool writes, and devices that import them; for tests of bundles. */
import { openAsBlob, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packTar, type TarEntry, unpackTar } from 'modern-tar';
import { afterAll, expect } from 'vitest';
import { packFolder } from '../../../tools/models/packFolder.ts';
import { ABOUT } from '../../../tools/models/testing/about.ts';
import { put } from '../../../tools/models/testing/tempFolder.ts';
import { type BundleOptions, type BundleWish, writeBundle } from '../../../tools/publisher/bundle.ts';
import { withdrawCommand } from '../../../tools/publisher/commands/withdraw.ts';
import { placeFiles, readPacked } from '../../../tools/publisher/place.ts';
import { publishModels } from '../../../tools/publisher/publish.ts';
import { Site } from '../../../tools/publisher/testing/site.ts';
import { SillError } from '../../core/errors.ts';
import { hexOf, type ModelId, parseModelId, type RevisionId } from '../../core/ids.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import { createDigests } from '../../delivery/digests.ts';
import { createBundleTrust } from '../../delivery/tuf/bundleTrust.ts';
import { createSignatures } from '../../delivery/tuf/signatures.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { exportBundle } from '../bundles/bundleExport.ts';
import { type BundleImportDeps, createBundleImport } from '../bundles/bundleImport.ts';
import { createDeviceService } from '../device/device.ts';
import { createHub } from '../hub.ts';
import type { Trials } from '../updates/trials.ts';
import { createOrigin } from './origin.ts';

export const TINY = parseModelId('tiny');
export const OTHER = parseModelId('other');
export const never = new AbortController().signal;
const digests = createDigests(crypto.subtle);

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A publisher in a folder of its own, as long as the test file runs. */
export class BundlePublisher {
  private constructor(
    readonly site: Site,
    private readonly folder: string,
  ) {}

  static async start(): Promise<BundlePublisher> {
    const folder = await mkdtemp(join(tmpdir(), 'sill-publisher-'));
    folders.push(folder);
    return new BundlePublisher(await Site.make(folder), folder);
  }

  /** A revision of a model with a chunk for each file. `replace` drops the others of the model from the list; `forGpu` adds a variant. */
  async publish(id: ModelId, weights: string, { replace = false, forGpu = false } = {}): Promise<RevisionId> {
    const folder = await mkdtemp(join(this.folder, 'model-'));
    await put(folder, { 'config.json': `{"of":"${id}"}`, 'onnx/model.onnx': weights, 'tokenizer.json': 'the same in all' });
    const files = ['config.json', 'onnx/model.onnx', 'tokenizer.json'];
    const [variant] = ABOUT.variants;
    if (!variant) throw new Error('no variant');
    const gpu = { ...variant, id: 'q4-webgpu', dtype: 'q4', device: 'webgpu', files } as const;
    await packFolder(folder, { ...ABOUT, id, variants: [{ ...variant, files }, ...(forGpu ? [gpu] : [])] });
    const model = await readPacked(folder);
    await placeFiles(this.site.publisher.repo, folder, model);
    this.site.nowMs += 60_000;
    await publishModels(this.site.publisher, [{ model, saying: { channel: 'stable' } }], { replace });
    await this.site.deploy();
    return model.revision;
  }

  async withdraw(id: ModelId, revision: RevisionId, reason: string): Promise<void> {
    const options = new Map([
      ['revision', hexOf(revision)],
      ['reason', reason],
    ]);
    await withdrawCommand.run({
      publisher: this.site.publisher,
      positionals: [id],
      text: (option) => options.get(option),
      flag: () => false,
    });
    await this.site.deploy();
  }

  /** What the command line writes. */
  async bundle(wishes: readonly (ModelId | BundleWish)[], options: Partial<BundleOptions> = {}): Promise<Blob[]> {
    const out = join(await mkdtemp(join(this.folder, 'stick-')), 'models.tar');
    const all = wishes.map((wish) => (typeof wish === 'string' ? { id: wish } : wish));
    const { files } = await writeBundle(this.site.publisher.repo, all, { out, ...options });
    return Promise.all(files.map(({ path }) => openAsBlob(path)));
  }

  /** A device that was given this publisher's app. */
  device(options: { store?: Store; deps?: Partial<BundleImportDeps>; passes?: boolean; floor?: string; root?: string } = {}) {
    const { store = createMemoryStore(), passes = true, floor } = options;
    const root = options.root ?? readFileSync(join(this.site.publisher.trust, 'root.json'), 'utf8');
    const clock = { now: () => this.site.nowMs, monotonicMs: () => performance.now() };
    const hub = createHub({ send: () => undefined, listen: () => undefined }, clock);
    const shipped = { root, ...(floor === undefined ? {} : { floor }) };
    const trust = createBundleTrust({ shipped, trust: store.trust, digests, signatures: createSignatures(crypto.subtle), clock });
    const importer = createBundleImport({
      store,
      digests,
      trust,
      clock,
      hub,
      trials: trialsOf(store, passes),
      device: createDeviceService(async () => PLAIN_DEVICE, PLAIN_STORAGE),
      assets: { ensure: async () => undefined, keepOnly: async () => undefined, has: async () => true, sizeBytes: () => 14 },
      locks: createOrigin().openTab().locks,
      sillVersion: '0.1.0',
      ...options.deps,
    });
    const source = this.site.client(store.trust, { shipped });
    return {
      store,
      source,
      importer,
      inspect: (files: readonly Blob[]) => importer.inspect(files, never),
      import: (files: readonly Blob[]) => importer.import(files, { signal: never }),
      export: async (...ids: ModelId[]) => {
        const wishes = ids.map((id) => ({ id }));
        return (await exportBundle({ store, source, digests }, wishes, { signal: never })).map(({ blob }) => blob);
      },
      active: async (id = TINY) => (await store.models.slots(id))?.active?.revision,
    };
  }

  /** The root that the app was first built with. */
  firstRoot(): Promise<string> {
    return readFile(join(this.site.publisher.repo, 'metadata/1.root.json'), 'utf8');
  }
}

export type Device = ReturnType<BundlePublisher['device']>;

/** A gate of which the test says what it finds. */
function trialsOf(store: Store, passes: boolean): Trials {
  const run: Trials['run'] = async (id) => {
    const candidate = (await store.models.slots(id))?.candidate;
    if (!candidate) return undefined;
    const { revision } = candidate;
    const reason = 'It writes nonsense.';
    await store.models.change(id, passes ? { type: 'promote', revision, atMs: 1 } : { type: 'reject', revision, atMs: 1, reason });
    return { id, revision, result: passes ? 'activated' : 'rejected' };
  };
  return { run, settle: (id, _revision, signal) => run(id, signal), resume: async () => [] };
}

/** Everything that a device keeps, to be compared before and after. */
export async function everythingOn({ store }: { readonly store: Store }) {
  const [slots, journal, chunks, quarantined, trust] = await Promise.all([
    store.models.allSlots(),
    store.models.journal(),
    store.chunks.list(),
    store.models.quarantined(),
    store.trust.read(),
  ]);
  return { slots, journal, chunks: chunks.sort((a, b) => (a.digest < b.digest ? -1 : 1)), quarantined, trust };
}

export type Entries = Array<TarEntry & { readonly header: TarEntry['header'] }>;

/** A bundle taken apart, changed, and packed again by another hand. */
export async function repacked(bundle: Blob, change: (entries: Entries) => Entries): Promise<Blob> {
  const entries = (await unpackTar(await bundle.arrayBuffer())).map(({ header, data }) => ({ header, body: data }));
  return new Blob([await packTar(change(entries))]);
}

/** A publisher with one model, and the bundle of it. */
export async function publishedBundle() {
  const publisher = await BundlePublisher.start();
  const first = await publisher.publish(TINY, 'first weights');
  const [bundle] = await publisher.bundle([TINY]);
  if (!bundle) throw new Error('nothing was written');
  return { publisher, first, bundle };
}

/** Refused with this code and fault, and nothing on the device is other than before. */
export async function expectRefusal(device: Device, files: readonly Blob[], code: string, fault?: string): Promise<SillError> {
  const before = await everythingOn(device);
  const reason: unknown = await device.import(files).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(reason).toBeInstanceOf(SillError);
  if (!(reason instanceof SillError)) throw reason;
  expect({ code: reason.code, fault: reason.details.fault }, reason.message).toEqual({ code, fault });
  expect(await everythingOn(device)).toEqual(before);
  return reason;
}
