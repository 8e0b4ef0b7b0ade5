import type { DeviceReport } from '../../core/device.ts';
import { SillError } from '../../core/errors.ts';
import { isContested, rankVariants, type VariantFit } from '../../core/fit.ts';
import type { Digest, VariantId } from '../../core/ids.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Store } from '../../ports/store.ts';
import type { DeviceService } from './device.ts';

export interface Choice {
  readonly fits: readonly VariantFit[];
  readonly fit: VariantFit | undefined;
}

/** The variants of a model as they fit this device, and the wished one or the best. As `provenChoice`. */
export async function chooseFit(
  { store, device }: { readonly store: Store; readonly device: DeviceService },
  manifest: Manifest,
  wished?: VariantId,
): Promise<Choice> {
  const missing = await missingChunks(store, manifest);
  return provenChoice(device, (report) => rankVariants(manifest, report, missing), wished);
}

/**
 * The wished variant or the best of those that `rank` names; before one is chosen for a graphics processor, that is tested, and what contends is timed.
 * @param rank the variants that there are to choose from, best first, by what is known of the device
 * @throws SillError `quota_exceeded` where the runtime that tests has no room
 */
export async function provenChoice(
  device: DeviceService,
  rank: (report: DeviceReport) => readonly VariantFit[],
  wished?: VariantId | string,
): Promise<Choice> {
  const choose = (report: DeviceReport): Choice => {
    const fits = rank(report);
    return { fits, fit: wished === undefined ? fits[0] : fits.find((candidate) => candidate.variant === wished) };
  };
  let chosen = choose(await device.report());
  if (wished === undefined && isContested(chosen.fits)) chosen = choose(await device.measured().catch(untestedOffline(device)));
  // A test that excludes the best brings another one up, which may ask for a test of its own.
  for (let tested: VariantFit | undefined; chosen.fit && chosen.fit.variant !== tested?.variant && chosen.fit.verdict !== 'no'; ) {
    tested = chosen.fit;
    chosen = choose(await device.proven(tested).catch(untestedOffline(device)));
  }
  return chosen;
}

/** Without the runtime nothing can be tested. A download waits for the network too, and before the model is loaded the test is made. */
const untestedOffline =
  (device: DeviceService) =>
  (reason: unknown): Promise<DeviceReport> => {
    if (reason instanceof SillError && reason.code === 'network_unavailable') return device.report();
    throw reason;
  };

/** The chunks of the manifest that are not stored, whichever model would have brought them. */
export async function missingChunks(store: Store, manifest: Manifest): Promise<Set<Digest>> {
  return new Set(await store.chunks.missing(manifest.files.flatMap((file) => file.chunks.map((chunk) => chunk.digest))));
}
