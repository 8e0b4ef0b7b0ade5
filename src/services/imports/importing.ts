import { SillError } from '../../core/errors.ts';
import { parseRevisionId } from '../../core/ids.ts';
import { integrityOf, manifestOfImport } from '../../core/importing.ts';
import type { ImportEntry } from '../../core/journal.ts';
import { type Making, TRANSCODED_DTYPES, type TranscodedDtype } from '../../core/making.ts';
import { canonicalManifest, type Manifest, variantBytes, variantOf } from '../../core/manifest.ts';
import { recipeOf } from '../../core/widening.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { ModelFiles } from '../../ports/forge.ts';
import type { ImportRecord, RefusedForm } from '../../protocol/importReports.ts';
import { type MakingCall, type MakingFormsDeps, makeForm } from '../forms/makingForms.ts';
import type { ImportRecords } from './importRecords.ts';

export interface ImportingDeps extends MakingFormsDeps {
  readonly digests: Digests;
  readonly records: ImportRecords;
}

export interface Imported {
  readonly role: 'active' | 'candidate';
  readonly record: ImportRecord;
}

/**
 * Makes what an entry of the journal says, and installs it where it is as good as the file.
 * @param refused forms that were tried before, and lost too much
 * @throws SillError `revision_refused` where too much was lost, or it failed here before | what `makeForm` and the store throw
 */
export async function importModel(
  deps: ImportingDeps,
  begun: ImportEntry,
  files: ModelFiles,
  call: MakingCall,
  refused: readonly RefusedForm[] = [],
): Promise<Imported> {
  const { store, digests, clock, records } = deps;
  const { modelId: id, variant, importing } = begun;
  const startMs = clock.monotonicMs();
  const described = importing.description.variants.find((each) => each.id === variant);
  const dtype = TRANSCODED_DTYPES.find((each) => each === described?.dtype);
  if (!described || !dtype) throw new SillError('internal', `There is no form ${variant} to make.`);

  const { provenance } = importing.description;
  const { making, scores, errors, sha256, sinkTokens } = await makeForm(
    deps,
    {
      ...{ name: begun.revision, id, files, variant, dtype, paths: described.files, sinkQuestion: importing.sinkQuestion },
      manifestOf: (which, made) => manifestOfImport(importing, made, which, { provenance }),
    },
    call,
  );
  call.onProgress({ phase: 'activating', doneBytes: 0, totalBytes: 0 });
  const manifest = manifestOfImport(importing, making, variant, {
    provenance: provenanceOf(begun, sha256, dtype, making),
    ...(sinkTokens ? { sinkTokens } : {}),
  });
  const revision = parseRevisionId(await digests.sha256(new TextEncoder().encode(canonicalManifest(manifest))));
  const failed = (await store.models.quarantined()).find((each) => each.revision === revision);
  if (failed) throw new SillError('revision_refused', failed.reason, { details: { id, revision } });
  const record: ImportRecord = {
    ...{ id, revision, variant, recipe: making.recipe, source: importing.source, sha256, scores, errors },
    ...(making.wider?.length ? { wider: making.wider } : {}),
    ...(making.evened?.length ? { evened: true } : {}),
    ...(making.tries?.length ? { tries: making.tries } : {}),
    ...(refused.length > 0 ? { refused } : {}),
    sourceBytes: files.reduce((sum, { size }) => sum + size, 0),
    sizeBytes: variantBytes(manifest, variantOf(manifest, variant)),
    ...{ tookMs: clock.monotonicMs() - startMs, atMs: clock.now() },
  };
  // Before it is installed: of what is on the device is always known how it came to be.
  await records.put(record);
  const active = (await store.models.slots(id))?.active;
  const role = active && active.revision !== revision ? 'candidate' : 'active';
  await store.models.commitInstall(begun, clock.now(), role, { revision, manifest });
  await store.models.collectGarbage();
  return { role, record };
}

const provenanceOf = (
  { importing: { source } }: ImportEntry,
  sha256: readonly string[],
  dtype: TranscodedDtype,
  { recipe, wider, evened }: Making,
): Manifest['provenance'] => ({
  source: (source.kind === 'url' ? source.url : `file: ${source.files.map(({ name }) => name).join(', ')}`).slice(0, 500),
  integrity: integrityOf(sha256.map((digest) => `sha256:${digest}`)),
  conversion: `Rewritten to ${dtype} on this device (${recipeOf(recipe, wider, (evened?.length ?? 0) > 0)}).`.slice(0, 500),
});
