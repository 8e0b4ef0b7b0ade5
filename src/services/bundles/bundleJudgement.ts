import { runtimeBuildFor } from '../../core/builds.ts';
import type { DeviceReport } from '../../core/device.ts';
import { SillError, toSillError } from '../../core/errors.ts';
import { rankVariants, type VariantFit } from '../../core/fit.ts';
import { type Digest, type ModelId, shortRevision } from '../../core/ids.ts';
import { chunksOf, variantOf } from '../../core/manifest.ts';
import type { Slots } from '../../core/slots.ts';
import { compareVersions } from '../../core/version.ts';
import type { VerifiedBundle, VerifiedModel } from '../../delivery/bundle/verifyBundle.ts';
import type { RuntimeAssets } from '../../ports/browser.ts';
import type { Store } from '../../ports/store.ts';
import type { BundledModelSummary } from '../../protocol/bundleReports.ts';
import { provenChoice } from '../device/choosing.ts';
import type { DeviceService } from '../device/device.ts';
import { refuseUnfit } from '../downloads/installs.ts';

export interface JudgeDeps {
  readonly assets: Pick<RuntimeAssets, 'ensure'>;
  readonly store: Store;
  readonly device: DeviceService;
  /** This app's version, against a manifest's `minimumRuntime`. */
  readonly sillVersion: string;
}

/** A model of the bundle, and what this device would make of it. */
export interface Judged extends VerifiedModel {
  readonly id: ModelId;
  readonly fit: VariantFit | undefined;
  readonly slots: Slots | undefined;
  readonly storedBytes: number;
  readonly state: BundledModelSummary['state'];
  readonly licenceAcceptedAtMs: number | undefined;
  readonly refusal: SillError | undefined;
}

/**
 * What each model of a bundle would mean here. Writes nothing.
 * @param isProven before a variant is chosen for a graphics processor, that is tested; not for a mere look, since the test needs the runtime
 */
export async function judgeBundle(
  { store, device, assets, sillVersion }: JudgeDeps,
  bundle: VerifiedBundle,
  isProven = false,
): Promise<Judged[]> {
  const quarantined = new Map((await store.models.quarantined()).map((each) => [each.revision, each.reason]));
  const report = await device.report();
  return Promise.all(
    bundle.models.map(async (model) => {
      const { entry, manifest } = model;
      const { id, revision } = entry;
      const slots = await store.models.slots(id);
      const active = slots?.active;
      const missing = new Set(await store.chunks.missing(model.variants.flatMap((each) => digestsOf(model, each))));
      const ranked = (known: DeviceReport) =>
        rankVariants(manifest, known, missing).filter((each) => model.variants.includes(each.variant));
      const [first] = ranked(report);
      const isOutOfReach = isProven && first?.device === 'webgpu' && first.verdict !== 'no' && !(await canFetch(assets, report));
      const rank = (known: DeviceReport) => (isOutOfReach ? processorFirst(ranked(known)) : ranked(known));
      // What runs here already is what is wanted again, where the bundle has it.
      const wished = model.variants.find((variant) => variant === active?.variant);
      const best = rank(report).find((each) => each.variant === wished) ?? rank(report)[0];
      const fit = isProven ? (await provenChoice(device, rank, wished)).fit : best;
      const held = [active, slots?.candidate, slots?.previous].find((each) => each?.revision === revision);
      const isWhole = held !== undefined && (held.variant === fit?.variant || fit === undefined);
      const present = isWhole && digestsOf(model, held.variant).every((digest) => !missing.has(digest));
      const before = active && (await store.models.manifest(active.revision));
      const failure = quarantined.get(revision);
      return {
        ...model,
        id,
        fit,
        slots,
        storedBytes: fit ? fit.sizeBytes - fit.fetchBytes : 0,
        state: present ? ('present' as const) : active && active.revision !== revision ? ('update' as const) : ('new' as const),
        // The same words need not be accepted twice.
        licenceAcceptedAtMs: before?.licence.text === manifest.licence.text ? active?.licenceAcceptedAtMs : undefined,
        refusal: present ? undefined : refusalOf(model, fit, failure, sillVersion),
      };
    }),
  );
}

/** The runtime for the GPU comes with the app and over the network, which there may be none of where a file is brought. */
const canFetch = (assets: JudgeDeps['assets'], device: DeviceReport): Promise<boolean> =>
  assets.ensure(runtimeBuildFor('webgpu', device)).then(
    () => true,
    (reason: unknown) => {
      if (reason instanceof SillError && reason.code === 'network_unavailable') return false;
      throw reason;
    },
  );

const processorFirst = (fits: readonly VariantFit[]): VariantFit[] => {
  const able = (fit: VariantFit) => fit.device === 'wasm' && fit.verdict !== 'no' && !fit.reasons.includes('reference-only');
  return [...fits.filter(able), ...fits.filter((fit) => !able(fit))];
};

export const digestsOf = ({ manifest, variants }: VerifiedModel, variant: VerifiedModel['variants'][number]): Digest[] =>
  variants.includes(variant) ? chunksOf(manifest, variantOf(manifest, variant)).map((chunk) => chunk.digest) : [];

function refusalOf(
  { entry, manifest }: VerifiedModel,
  fit: VariantFit | undefined,
  failure: string | undefined,
  version: string,
): SillError | undefined {
  const { id, revision } = entry;
  const details = { id, revision };
  if (failure !== undefined) {
    return new SillError('revision_refused', `Version ${shortRevision(revision)} of ${id} failed its test on this device: ${failure}`, {
      details,
    });
  }
  if (compareVersions(version, manifest.minimumRuntime) < 0) {
    return new SillError(
      'unsupported_device',
      `${id} needs Sill ${manifest.minimumRuntime} or later; this is ${version}. Update the app first, and import the file again.`,
      { details },
    );
  }
  try {
    if (fit) refuseUnfit(manifest, fit);
    return undefined;
  } catch (reason) {
    return toSillError(reason);
  }
}

export const outcomeOf = ({ id, entry, manifest }: Judged) => ({ id, revision: entry.revision, name: manifest.name });

export const summaryOf = ({ id, entry, manifest, fit, state, storedBytes, licenceAcceptedAtMs, refusal }: Judged): BundledModelSummary => ({
  id,
  revision: entry.revision,
  name: manifest.name,
  description: manifest.description,
  task: manifest.task,
  licence: manifest.licence,
  licenceAccepted: licenceAcceptedAtMs !== undefined,
  provenance: manifest.provenance.source,
  ...(entry.publishedAtMs === undefined ? {} : { publishedAtMs: entry.publishedAtMs }),
  ...(entry.notes === undefined ? {} : { notes: entry.notes }),
  ...(fit ? { fit } : {}),
  sizeBytes: fit?.sizeBytes ?? 0,
  storedBytes,
  state,
  ...(refusal ? { refusal: refusal.toData() } : {}),
});
