import { planRun } from '../../core/forms.ts';
import type { ModelId } from '../../core/ids.ts';
import { variantOf } from '../../core/manifest.ts';
import type { RuntimeAssets } from '../../ports/browser.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { DeviceService } from '../device/device.ts';
import { readPlacement } from '../device/placement.ts';
import type { Sessions } from './sessions.ts';
import type { Usage } from './usage.ts';

/** What is started takes about 60 MiB until its model comes: not where the whole device has no more than this. */
const LITTLE_MEMORY_BYTES = 2 * 2 ** 30;

export interface ReadinessDeps {
  readonly store: Store;
  readonly usage: Pick<Usage, 'lastUsedAtMs'>;
  readonly device: Pick<DeviceService, 'abilities'>;
  readonly assets: Pick<RuntimeAssets, 'has'>;
  readonly runtime: Pick<Runtime, 'prepare'>;
  readonly sessions: Pick<Sessions, 'states'>;
}

/**
 * Starts the runtime for the model that was asked last, which is most likely the next to be asked: it is there when a person who opens the app has
 * written the first question. Fetches nothing. Only for a model that somebody asked before and that writes on the processor, since the others' runtimes start with their models, and
 * not where one is in memory already or on its way, or memory is scarce.
 */
export async function getReady({ store, usage, device, assets, runtime, sessions }: ReadinessDeps): Promise<void> {
  const latest = await latestOf(store, usage);
  const active = latest && (await store.models.slots(latest))?.active;
  const manifest = active && (await store.models.manifest(active.revision));
  if (!latest || !active || manifest?.task !== 'text-generation') return;
  const [able, { models }] = await Promise.all([device.abilities(), readPlacement(store.settings)]);
  if (able.memoryBytes !== undefined && able.memoryBytes <= LITTLE_MEMORY_BYTES) return;
  const [form] = planRun(variantOf(manifest, active.variant), able, models[latest]).forms;
  if (form?.device !== 'wasm' || !(await assets.has('plain'))) return;
  if (sessions.states().length === 0) runtime.prepare(form.threads);
}

async function latestOf(store: Store, usage: ReadinessDeps['usage']): Promise<ModelId | undefined> {
  const installed = (await store.models.allSlots()).filter(({ active }) => active).map(({ modelId }) => modelId);
  const asked = await Promise.all(installed.map(async (id) => ({ id, atMs: await usage.lastUsedAtMs(id) })));
  return asked.flatMap(({ id, atMs }) => (atMs === undefined ? [] : [{ id, atMs }])).sort((a, b) => b.atMs - a.atMs)[0]?.id;
}
