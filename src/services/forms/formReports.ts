import { statedReference } from '../../core/importGate.ts';
import { formKey, parseMadeForm } from '../../core/madeForm.ts';
import { RECIPE } from '../../core/making.ts';
import { filesOf, variantOf } from '../../core/manifest.ts';
import { heldRevisions, type InstalledRevision, type Slots } from '../../core/slots.ts';
import type { Store } from '../../ports/store.ts';
import type { ImportRecord } from '../../protocol/importReports.ts';

/** How the forms came out that were made of what was delivered, of every version that is here: newest first. One that was given up is told of still. */
export async function formReports(store: Store): Promise<ImportRecord[]> {
  const all = await Promise.all(
    (await store.models.allSlots()).flatMap((slots) => heldRevisions(slots).map((installed) => reportOf(store, slots, installed))),
  );
  return all.flatMap((each) => (each ? [each] : [])).sort((a, b) => b.atMs - a.atMs);
}

async function reportOf(store: Store, { modelId: id }: Slots, { revision, variant: variantId }: InstalledRevision) {
  const manifest = await store.models.manifest(revision);
  const variant = manifest && variantOf(manifest, variantId);
  const row = variant?.madeFrom ? await store.derived.get(formKey(revision, variantId)) : undefined;
  // What cannot be read any more is made again.
  const form = row && parseMadeForm(await row.data.text().catch(() => ''));
  if (!manifest || !variant || !row || !form) return undefined;
  const files = filesOf(manifest, variant).map(({ path, sizeBytes }) => ({ name: path, sizeBytes }));
  const { scores, errors, wider, evened, tries, sha256 = [] } = form;
  const record: ImportRecord = {
    ...{ id, revision, variant: variantId, recipe: RECIPE, source: { kind: 'delivered', files }, sha256, scores, errors },
    ...(statedReference(manifest) === undefined ? {} : { stated: true }),
    ...(wider?.length ? { wider } : {}),
    ...(evened ? { evened: true } : {}),
    ...(tries?.length ? { tries } : {}),
    sourceBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    sizeBytes: form.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    ...(row.about.tookMs === undefined ? {} : { tookMs: row.about.tookMs }),
    atMs: row.about.usedAtMs,
  };
  return record;
}
