import { SillError } from '../core/errors.ts';
import { parseRevisionId, type RevisionId } from '../core/ids.ts';
import { type FormScores, isFaithful, MOST_LOST } from '../core/importGate.ts';
import { manifestOfImport } from '../core/importing.ts';
import { type ImportEntry, isImport } from '../core/journal.ts';
import { type MatrixError, madeBytes, type TranscodedDtype } from '../core/making.ts';
import { canonicalManifest, type Manifest, variantBytes, variantOf } from '../core/manifest.ts';
import { Pace } from '../core/pace.ts';
import type { Clock } from '../ports/clock.ts';
import type { Digests } from '../ports/delivery.ts';
import type { Forge, ModelFiles, Transcoded } from '../ports/forge.ts';
import type { FileImportProgress, ImportRecord } from '../protocol/importReports.ts';
import { type FormScoresDeps, scoreForm } from './formScores.ts';
import type { ImportRecords } from './importRecords.ts';

export interface ImportingDeps extends FormScoresDeps {
  readonly forge: Forge;
  readonly digests: Digests;
  readonly clock: Clock;
  readonly records: ImportRecords;
}

export interface ImportingCall {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FileImportProgress) => void;
}

export interface Imported {
  readonly role: 'active' | 'candidate';
  readonly record: ImportRecord;
}

/** The form that all others are held against. */
export const REFERENCE = 'q8-wasm';

/**
 * Makes what an entry of the journal says, scores it against 8-bit blocks of the same weights, and installs it where it is as good. The reference
 * goes before the form itself is made: room is needed for one of them at a time.
 * @throws SillError `revision_refused` where too much was lost | `source_changed` for another file than the one that was begun with | what forge,
 * store and runtime throw
 */
export async function importModel(deps: ImportingDeps, begun: ImportEntry, files: ModelFiles, call: ImportingCall): Promise<Imported> {
  const { store, forge, clock, records } = deps;
  const { revision: name } = begun;
  const startMs = clock.monotonicMs();
  const dtypeOf = (id: string): TranscodedDtype => {
    const dtype = begun.importing.description.variants.find((variant) => variant.id === id)?.dtype;
    if (dtype === 'int8' || dtype === 'q4' || dtype === 'q8') return dtype;
    throw new SillError('internal', `There is no form ${id} to make.`);
  };
  const dtype = dtypeOf(begun.variant);
  if (dtype === 'q8') throw new SillError('internal', 'The form that others are held against is none to run.');

  const entryNow = async (): Promise<ImportEntry> => {
    const entry = (await store.models.journal()).find((each) => each.revision === name);
    if (entry && isImport(entry)) return entry;
    throw new SillError('aborted', 'The import was cancelled.');
  };
  const manifestNow = async (variant: string, provenance = begun.importing.description.provenance): Promise<Manifest> => {
    const { importing, making } = await entryNow();
    return manifestOfImport(importing, making, variant, { provenance });
  };
  const make = async (form: TranscodedDtype, phase: 'reference' | 'transcoding'): Promise<Transcoded> => {
    const pace = new Pace();
    return forge.transcode(
      { files, dtype: form, entry: name },
      {
        signal: call.signal,
        onProgress({ madeBytes: doneBytes, totalBytes }) {
          pace.mark(clock.monotonicMs(), doneBytes);
          const [bytesPerSecond, secondsLeft] = [pace.bytesPerSecond(), pace.secondsLeft(totalBytes - doneBytes)];
          call.onProgress({
            ...{ phase, doneBytes, totalBytes },
            ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
            ...(secondsLeft === undefined ? {} : { secondsLeft }),
          });
        },
      },
    );
  };
  const score = async (variant: string): Promise<number> => {
    call.onProgress({ phase: 'scoring', doneBytes: 0, totalBytes: 0 });
    return scoreForm(deps, await manifestNow(variant), variant, call.signal);
  };

  const reference = begun.importing.reference ?? (await scoreReference(deps, name, { make: () => make('q8', 'reference'), score }));
  const { errors, sha256 } = await make(dtype, 'transcoding');
  const scores: FormScores = { reference, measured: await score(begun.variant), bound: MOST_LOST[dtype] };
  if (!isFaithful(scores)) throw tooMuchLost(begun, scores);

  call.onProgress({ phase: 'activating', doneBytes: 0, totalBytes: 0 });
  const manifest = await manifestNow(begun.variant, provenanceOf(begun, sha256, dtype));
  const revision = parseRevisionId(await deps.digests.sha256(new TextEncoder().encode(canonicalManifest(manifest))));
  const failed = (await store.models.quarantined()).find((each) => each.revision === revision);
  if (failed) throw new SillError('revision_refused', failed.reason, { details: { id: begun.modelId, revision } });
  const record = recordOf(begun, { revision, manifest, sha256, scores, errors, files }, clock.monotonicMs() - startMs, clock.now());
  // Before it is installed: of what is on the device is always known how it came to be.
  await records.put(record);
  const active = (await store.models.slots(begun.modelId))?.active;
  const role = active && active.revision !== revision ? 'candidate' : 'active';
  await store.models.commitInstall(begun, clock.now(), role, { revision, manifest });
  await store.models.collectGarbage();
  return { role, record };
}

/** Makes the reference, scores it, notes the figure, and frees its room. */
async function scoreReference(
  { store }: ImportingDeps,
  name: RevisionId,
  { make, score }: { readonly make: () => Promise<unknown>; readonly score: (variant: string) => Promise<number> },
): Promise<number> {
  await make();
  const reference = await score(REFERENCE);
  await store.models.updateJournal(name, (entry) => {
    if (!isImport(entry)) return entry;
    const { importing, making } = entry;
    const own = new Set(importing.description.variants.find(({ id }) => id === entry.variant)?.files);
    const files = making.files.filter(({ path }) => own.has(path));
    return { ...entry, importing: { ...importing, reference }, making: { recipe: making.recipe, files } };
  });
  await store.models.collectGarbage();
  return reference;
}

const sourceWords = ({ importing: { source } }: ImportEntry): string =>
  source.kind === 'url' ? source.url : `file: ${source.files.map(({ name }) => name).join(', ')}`;

const provenanceOf = (entry: ImportEntry, sha256: readonly string[], dtype: TranscodedDtype): Manifest['provenance'] => ({
  source: sourceWords(entry).slice(0, 500),
  integrity: sha256
    .map((digest) => `sha256:${digest}`)
    .join(' ')
    .slice(0, 500),
  conversion: `Rewritten to ${dtype} on this device (${entry.making.recipe}).`,
});

function recordOf(
  { modelId: id, variant, importing, making }: ImportEntry,
  made: {
    readonly revision: RevisionId;
    readonly manifest: Manifest;
    readonly sha256: readonly string[];
    readonly scores: FormScores;
    readonly errors: readonly MatrixError[];
    readonly files: ModelFiles;
  },
  tookMs: number,
  atMs: number,
): ImportRecord {
  const { revision, manifest, sha256, scores, errors, files } = made;
  return {
    ...{ id, revision, variant, recipe: making.recipe, source: importing.source, sha256, scores, errors, tookMs, atMs },
    sourceBytes: files.reduce((sum, { size }) => sum + size, 0),
    sizeBytes: variantBytes(manifest, variantOf(manifest, variant)),
  };
}

const tooMuchLost = ({ modelId: id, variant }: ImportEntry, { reference, measured, bound }: FormScores): SillError =>
  new SillError(
    'revision_refused',
    `${id} was not taken: as ${variant} it foretells a text with ${measured.toFixed(3)} nats a token, where 8-bit blocks of the same weights need ` +
      `${reference.toFixed(3)}, and ${bound} more are allowed. Nothing was kept. Choose another form, or another quantisation of the model.`,
    { details: { id, variant, reference, measured, bound } },
  );

export const doneBytesOf = ({ making }: ImportEntry): number => madeBytes(making);
