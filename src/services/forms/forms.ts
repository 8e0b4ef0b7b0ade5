import { SillError, toSillError } from '../../core/errors.ts';
import type { ModelId, RevisionId, VariantId } from '../../core/ids.ts';
import { statedReference } from '../../core/importGate.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { derivedForm, formKey, type MadeForm, parseMadeForm, withMadeFiles } from '../../core/madeForm.ts';
import { beginMaking, RECIPE } from '../../core/making.ts';
import { filesOf, type Manifest, type ManifestChunk, type Variant } from '../../core/manifest.ts';
import type { Locks } from '../../ports/browser.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { ModelFiles } from '../../ports/forge.ts';
import type { KeptForm, Store } from '../../ports/store.ts';
import type { FileImportProgress } from '../../protocol/importReports.ts';
import { FORGE_LOCK } from '../../protocol/locks.ts';
import type { Hub } from '../hub.ts';
import { fromBase64, toBase64 } from '../ownData/base64.ts';
import { isInterruption } from './interruptions.ts';
import { type MakingCall, type MakingFormsDeps, makeForm, REFERENCE } from './makingForms.ts';

export interface FormsDeps extends MakingFormsDeps {
  readonly digests: Digests;
  readonly locks: Locks;
  readonly hub: Pick<Hub, 'tell'>;
}

export interface Delivered {
  readonly id: ModelId;
  readonly revision: RevisionId;
  readonly manifest: Manifest;
  readonly variant: Variant;
}

/** Forms that run, of what a catalog delivers as GGUF files: made once on this device, and again when they are lost. */
export interface Forms {
  /**
   * What a runtime loads of an installed revision: as it was delivered, or as it was made of that, which is made now where it is missing. How far that is
   * every page is told.
   */
  runnable(delivered: Delivered, signal: AbortSignal): Promise<{ readonly manifest: Manifest; readonly variant: Variant }>;
  /**
   * Makes the form of what an entry of the queue has brought; goes on where an earlier try was cut off. Undefined where it runs as it came.
   * @throws SillError what `makeForm` throws
   */
  make(entry: JournalEntry, delivered: Delivered, call: MakingCall): Promise<KeptForm | undefined>;
}

/** How the form of a revision was made, whether its chunks are still here or not. */
async function describedFormOf(
  store: Store,
  { revision, variant }: { readonly revision: RevisionId; readonly variant: VariantId },
): Promise<MadeForm | undefined> {
  const row = await store.derived.get(formKey(revision, variant));
  return row && parseMadeForm(await row.data.text().catch(() => ''));
}

/** The form that was made of a revision, where all of it is on the device. */
async function madeFormOf({ store }: { readonly store: Store }, { revision, variant }: Delivered): Promise<MadeForm | undefined> {
  const form = await describedFormOf(store, { revision, variant: variant.id });
  const digests = form?.files.flatMap(({ chunks }) => chunks.map(({ digest }) => digest)) ?? [];
  return form && (await store.chunks.missing(digests)).length === 0 ? form : undefined;
}

/** What is stored of a revision beside what was delivered: nothing of a form that was given up. */
export async function madeChunksOf(
  store: Store,
  { revision, variant }: { readonly revision: RevisionId; readonly variant: VariantId },
): Promise<ManifestChunk[]> {
  const row = await store.derived.get(formKey(revision, variant));
  const form = row && parseMadeForm(await row.data.text().catch(() => ''));
  const kept = new Set(row?.about.chunks);
  return form?.files.flatMap(({ chunks }) => chunks.filter(({ digest }) => kept.has(digest))) ?? [];
}

export function createForms(deps: FormsDeps): Forms {
  const { store, forge, digests, locks, clock, hub } = deps;

  const make = async (entry: JournalEntry, delivered: Delivered, call: MakingCall): Promise<KeptForm> => {
    const { id, revision, manifest, variant } = delivered;
    const startMs = clock.monotonicMs();
    const files = await deliveredFiles(store, delivered);
    const found = await forge.inspect(files, { signal: call.signal });
    const reference = statedReference(manifest);
    const form = found.forms.find((each) => each.dtype === variant.dtype);
    if (!form) throw new SillError('invalid_manifest', `No ${variant.dtype} can be made of the files of ${id}.`, { details: { id } });
    const forms = found.forms.filter((each) => each === form || (reference === undefined && each.variant.id === REFERENCE));
    const sizes = new Map(forms.flatMap((each) => each.files.map((file) => [file.path, file])));
    await store.models.updateJournal(entry.revision, (now) =>
      now.making?.recipe === RECIPE ? now : { ...now, making: beginMaking([...sizes.values()]) },
    );
    // What an earlier version of the app has made, or began to make, takes the room that this needs.
    await store.models.collectGarbage();
    const paths = form.files.map(({ path }) => path);
    const before = await describedFormOf(store, { revision, variant: variant.id });
    const made = await makeForm(
      deps,
      {
        ...{ name: entry.revision, id, files, variant: variant.id, dtype: form.dtype, paths },
        ...(reference === undefined ? {} : { reference }),
        ...(before?.wider ? { wider: before.wider } : {}),
        ...(before ? { evened: fromBase64(before.evened ?? '') } : {}),
        manifestOf(which, making) {
          const own = forms.find((each) => each.variant.id === which) ?? form;
          const wanted = making.files.filter(({ path }) => own.variant.files.includes(path));
          const as = which === variant.id ? variant : { ...variant, id: variant.id, dtype: own.dtype, device: own.variant.device };
          const loadable = withMadeFiles(manifest, as, { files: wanted });
          return which === variant.id ? loadable.manifest : renamed(loadable.manifest, which);
        },
      },
      call,
    );
    const content: MadeForm = {
      files: made.making.files.filter(({ path }) => paths.includes(path)),
      scores: made.scores,
      errors: made.errors,
      ...(made.making.wider?.length ? { wider: made.making.wider } : {}),
      ...(made.making.evened?.length ? { evened: toBase64(made.making.evened) } : {}),
      ...(made.making.tries?.length ? { tries: made.making.tries } : {}),
      sha256: made.sha256,
    };
    const text = JSON.stringify(content);
    const result = await digests.sha256(new TextEncoder().encode(text));
    const facts = { result, atMs: clock.now(), tookMs: clock.monotonicMs() - startMs };
    return { about: derivedForm(formKey(revision, variant.id), revision, content, facts), data: new Blob([text]) };
  };

  const tell = ({ id }: Delivered, progress?: FileImportProgress): void =>
    hub.tell({ type: 'making', id, ...(progress ? { progress } : {}) });

  /** Of what is installed: the lease holds what is made until it is part of the revision. */
  const makeAgain = async (delivered: Delivered, signal: AbortSignal): Promise<void> => {
    const { id: modelId, revision, manifest, variant } = delivered;
    const entry: JournalEntry = {
      ...{ modelId, revision, variant: variant.id, startedAtMs: clock.now(), licenceAcceptedAtMs: clock.now() },
      ...{ state: 'running', by: 'import', rank: 0 },
    };
    const begun = (await store.models.journal()).find((each) => each.revision === revision);
    if (!begun) await store.models.beginInstall(entry, manifest);
    const isOwn = !begun || begun.by === 'import';
    const onProgress = (progress: FileImportProgress): void => tell(delivered, progress);
    try {
      onProgress({ phase: 'looking', doneBytes: 0, totalBytes: 0 });
      const { about, data } = await make(begun ?? entry, delivered, { signal, onProgress });
      await store.derived.put(about, data, Number.POSITIVE_INFINITY);
    } catch (reason) {
      // What was cut off goes on from there; what failed leaves nothing.
      if (isOwn && !isInterruption(toSillError(reason))) await store.models.abandonInstall(revision);
      throw reason;
    }
    if (isOwn) await store.models.abandonInstall(revision);
  };

  return {
    async runnable(delivered, signal) {
      const { manifest, variant } = delivered;
      if (!variant.madeFrom) return { manifest, variant };
      const known = await madeFormOf(deps, delivered);
      if (known) return withMadeFiles(manifest, variant, known);
      // One is made at a time on the whole device.
      if (await locks.isHeld(FORGE_LOCK)) tell(delivered, { phase: 'waiting', doneBytes: 0, totalBytes: 0 });
      const made = await locks
        .hold(FORGE_LOCK, async () => {
          // Another request may have waited for the same.
          const form = await madeFormOf(deps, delivered);
          if (form) return form;
          await makeAgain(delivered, signal);
          return madeFormOf(deps, delivered);
        })
        .finally(() => tell(delivered));
      if (made) return withMadeFiles(manifest, variant, made);
      throw new SillError(
        'installation_damaged',
        `The form of ${delivered.id} that runs here is lost as soon as it is made. Install it again.`,
        {
          details: { id: delivered.id },
        },
      );
    },
    async make(entry, delivered, call) {
      if (!delivered.variant.madeFrom || (await madeFormOf(deps, delivered))) return undefined;
      return locks.hold(FORGE_LOCK, () => make(entry, delivered, call));
    },
  };
}

/** The files as they were delivered, each joined of stored chunks: nothing is read until the forge does. */
async function deliveredFiles(store: Store, { id, manifest, variant }: Delivered): Promise<ModelFiles> {
  return Promise.all(
    filesOf(manifest, variant).map(async ({ path, chunks }) => {
      const blob = await store.chunks.join(chunks.map(({ digest }) => digest));
      if (blob) return blob;
      throw new SillError(
        'installation_damaged',
        `A part of ${id} is missing on this device (${path}); the browser may have evicted it. Repair the model: only the missing part is fetched.`,
        { details: { id, path } },
      );
    }),
  );
}

/** The reference is another variant of the same model. */
const renamed = (manifest: Manifest, id: string): Manifest => ({
  ...manifest,
  variants: manifest.variants.map((variant) => ({ ...variant, id: id as Variant['id'] })),
});
