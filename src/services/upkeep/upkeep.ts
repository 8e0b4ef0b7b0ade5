import { type RuntimeBuild, runtimeBuildFor } from '../../core/builds.ts';
import { variantOf } from '../../core/manifest.ts';
import type { Connection, Locks, RuntimeAssets } from '../../ports/browser.ts';
import type { Store } from '../../ports/store.ts';
import { RUNTIME_LOCK } from '../../protocol/locks.ts';
import type { DeviceService } from '../device/device.ts';
import type { Downloads } from '../downloads/downloads.ts';
import type { Hub } from '../hub.ts';

interface UpkeepDeps {
  readonly store: Store;
  readonly device: DeviceService;
}

/** The builds of the runtime without which an installed model could not start. */
export async function neededBuilds({ store, device }: UpkeepDeps): Promise<RuntimeBuild[]> {
  const report = await device.report();
  const builds = new Set<RuntimeBuild>();
  for (const { active, candidate } of await store.models.allSlots()) {
    for (const held of [active, candidate]) {
      const manifest = held && (await store.models.manifest(held.revision));
      if (manifest) builds.add(runtimeBuildFor(variantOf(manifest, held.variant).device, report));
    }
  }
  return [...builds];
}

/** Of these builds, what is not kept. */
export async function missingBytesOf(builds: Iterable<RuntimeBuild>, assets: RuntimeAssets): Promise<number> {
  let bytes = 0;
  for (const build of new Set(builds)) if (!(await assets.has(build))) bytes += assets.sizeBytes(build);
  return bytes;
}

/**
 * What installed models need, and the plain build always: a model of a file starts with it, and one that loses its GPU goes on with it, whose
 * 4-bit embedding the builds for the GPU cannot read on the processor.
 */
export async function wantedBuilds(deps: UpkeepDeps): Promise<RuntimeBuild[]> {
  return [...new Set<RuntimeBuild>([...(await neededBuilds(deps)), 'plain'])];
}

/** Drops a build that was fetched for a test, or for a model that is gone. Nothing while something is being installed. */
async function dropNeedless({ assets, ...deps }: UpkeepDeps & { readonly assets: RuntimeAssets }): Promise<void> {
  const needed = await neededBuilds(deps);
  if (needed.length === 0 || (await deps.store.models.journal()).length > 0) return;
  await assets.keepOnly([...needed, 'plain']);
}

/**
 * Keeps the runtime that the installed models need. An update of the app brings another one, and the rescue page throws it away: without
 * this, models that worked offline would need the network at their next start.
 * @throws SillError as `RuntimeAssets.ensure`
 */
export async function keepRuntime({ assets, ...deps }: UpkeepDeps & { readonly assets: RuntimeAssets }): Promise<void> {
  for (const build of await neededBuilds(deps)) await assets.ensure(build);
}

export interface PrepareDeps {
  readonly deps: UpkeepDeps & { readonly assets: RuntimeAssets; readonly connection: Connection; readonly locks: Locks };
  readonly downloads: Pick<Downloads, 'settings'>;
  readonly hub: Hub;
}

/**
 * Makes a device ready for models that come from a file: they bring no runtime, and where they come there may be no network to fetch it from. By
 * itself never where that may cost.
 * @throws SillError as `RuntimeAssets.ensure`
 */
export async function prepareRuntime(
  { deps, downloads, hub }: PrepareDeps,
  { asked = false, signal }: { readonly asked?: boolean; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const { assets, connection, locks } = deps;
  await dropNeedless(deps);
  if (!asked) {
    const mayCost = connection.isMetered() && (await downloads.settings()).metered === 'ask';
    if (mayCost || !connection.isOnline()) return;
  }
  const fetchMissing = async (): Promise<void> => {
    const builds = await wantedBuilds(deps);
    if ((await missingBytesOf(builds, assets)) === 0) return;
    for (const build of builds) await assets.ensure(build, signal);
    hub.tell({ type: 'models' });
  };
  // Whoever asked waits for the tab that is at it.
  await (asked ? locks.hold(RUNTIME_LOCK, fetchMissing) : locks.tryHold(RUNTIME_LOCK, fetchMissing));
}
