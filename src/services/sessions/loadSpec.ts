import { type RuntimeBuild, runtimeBuildFor } from '../../core/builds.ts';
import type { DeviceAbilities } from '../../core/device.ts';
import { SillError } from '../../core/errors.ts';
import { planRun, type RunForm } from '../../core/forms.ts';
import { type ExecutionDevice, filesOf, type Manifest, type Variant } from '../../core/manifest.ts';
import type { ByteSource } from '../../forge/byteSource.ts';
import type { RuntimeAssets } from '../../ports/browser.ts';
import type { LoadSpec } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { DeviceService } from '../device/device.ts';
import { withWeightsBeside } from './weightsBeside.ts';

export interface LoadSpecDeps {
  readonly store: Store;
  readonly device: DeviceService;
  /** For a form that needs another build than the variant was installed with. */
  readonly assets: Pick<RuntimeAssets, 'ensure'>;
  /** See `withWeightsBeside`. */
  readonly sourceOf?: (blob: Blob) => ByteSource;
}

/**
 * Everything that a runtime needs to load a revision.
 * @param wanted by default the best that the device allows
 * @throws SillError `installation_damaged` when a part of it is gone from the device
 */
export async function loadSpecOf(
  { store, device, assets, sourceOf }: LoadSpecDeps,
  manifest: Manifest,
  variant: Variant,
  wanted?: RunForm,
): Promise<LoadSpec> {
  const report = wanted ? await device.abilities() : await device.abilities(variant);
  const form = wanted ?? planRun(variant, report).forms[0];
  const target = form?.device ?? variant.device;
  return {
    modelId: manifest.id,
    task: manifest.task,
    dtype: variant.dtype,
    device: target,
    files: withWeightsBeside(await openFiles(store, manifest, variant), sourceOf),
    build: await buildFor(target, variant, report, assets),
    threads: form?.threads ?? 1,
    ...(manifest.contextLength === undefined ? {} : { contextLength: manifest.contextLength }),
    ...(manifest.generation === undefined ? {} : { generation: manifest.generation }),
    ...(manifest.chatTemplate === undefined ? {} : { chatTemplate: manifest.chatTemplate }),
    ...(manifest.sinkTokens === undefined ? {} : { sinkTokens: manifest.sinkTokens }),
  };
}

/** A variant for the GPU was installed with a build that runs on the processor too: without a network that has to do. */
async function buildFor(
  target: ExecutionDevice,
  variant: Variant,
  report: DeviceAbilities,
  assets: LoadSpecDeps['assets'],
): Promise<RuntimeBuild> {
  const best = runtimeBuildFor(target, report);
  if (target === variant.device) return best;
  return assets.ensure(best).then(
    () => best,
    () => runtimeBuildFor(variant.device, report),
  );
}

/** The variant's files as Blobs joined of stored chunks: nothing is read until the runtime does. */
async function openFiles(store: Store, manifest: Manifest, variant: Variant): Promise<Array<{ path: string; blob: Blob }>> {
  return Promise.all(
    filesOf(manifest, variant).map(async (file) => {
      const blob = await store.chunks.join(file.chunks.map((chunk) => chunk.digest));
      if (blob?.size === file.sizeBytes) return { path: file.path, blob };
      throw new SillError(
        'installation_damaged',
        `A part of ${manifest.name} is missing on this device (${file.path}); the browser may have evicted it. Repair the model: only the missing part is fetched.`,
        { details: { id: manifest.id, path: file.path } },
      );
    }),
  );
}
