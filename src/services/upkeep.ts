import { type RuntimeBuild, runtimeBuildFor } from '../core/builds.ts';
import { variantOf } from '../core/manifest.ts';
import type { RuntimeAssets } from '../ports/browser.ts';
import type { Store } from '../ports/store.ts';
import type { DeviceService } from './device.ts';

interface UpkeepDeps {
  readonly store: Store;
  readonly device: DeviceService;
}

/** The builds of the runtime without which an installed model could not start. */
export async function neededBuilds({ store, device }: UpkeepDeps): Promise<RuntimeBuild[]> {
  const report = await device.report();
  const builds = new Set<RuntimeBuild>();
  for (const { active } of await store.models.allSlots()) {
    const manifest = active && (await store.models.manifest(active.revision));
    if (manifest) builds.add(runtimeBuildFor(variantOf(manifest, active.variant).device, report));
  }
  return [...builds];
}

/**
 * Keeps the runtime that the installed models need. An update of the app brings another one, and the rescue page throws it away: without
 * this, models that worked offline would need the network at their next start.
 * @throws SillError as `RuntimeAssets.ensure`
 */
export async function keepRuntime({ assets, ...deps }: UpkeepDeps & { readonly assets: RuntimeAssets }): Promise<void> {
  for (const build of await neededBuilds(deps)) await assets.ensure(build);
}
