import { type ErrorCode, isAbort, SillError, toSillError } from '../core/errors.ts';
import { rankVariants, type VariantFit } from '../core/fit.ts';
import { expectedManifest } from '../core/hubModel.ts';
import { type ModelId, parseModelId, parseRevisionId, parseVariantId } from '../core/ids.ts';
import { describeImport, type ImportSource, importId, unreadable } from '../core/importing.ts';
import { type ImportEntry, isImport } from '../core/journal.ts';
import { beginMaking, madeBytes, RECIPE } from '../core/making.ts';
import { fetchModelFile } from '../delivery/fetchModelFile.ts';
import type { Locks } from '../ports/browser.ts';
import type { Fetcher } from '../ports/delivery.ts';
import { type FileHandle, mayRead } from '../ports/files.ts';
import type { FoundModelFile } from '../ports/forge.ts';
import type {
  FileImportProgress,
  FileInspection,
  ImportFiles,
  ImportSummary,
  ImportsReport,
  RefusedForm,
} from '../protocol/importReports.ts';
import { FORGE_LOCK } from '../protocol/locks.ts';
import { provenChoice } from './choosing.ts';
import type { Hub } from './hub.ts';
import { createImportHandles } from './importHandles.ts';
import { type Imported, type ImportingDeps, importModel } from './importing.ts';
import { addressOf, sourceOf } from './importSource.ts';
import { acceptedAtMs, refuseUnfit } from './installs.ts';
import { REFERENCE } from './makingForms.ts';
import { bothRefused, refusedForm } from './refusedForms.ts';

export interface ImportsDeps extends ImportingDeps {
  readonly locks: Locks;
  readonly hub: Hub;
  readonly fetcher: Fetcher;
  /** Of the app: addresses are read against it, and only those of its origin are taken. */
  readonly appUrl: string;
  readonly sillVersion: string;
}

export interface ImportCall {
  /** Pauses the import. */
  readonly signal: AbortSignal;
  /** Of the file that goes on: another one, or one that was changed, is not taken for it. */
  readonly fingerprint?: string;
  readonly name?: string;
  readonly variant?: string;
  readonly onProgress?: (progress: FileImportProgress) => void;
}

/** Models that a person brings as files of another format. One is made at a time, on the whole device. */
export interface Imports {
  /** Writes nothing. @throws SillError `invalid_request` | `source_not_allowed` | `network_unavailable` | `chunk_unavailable` */
  inspect(from: ImportFiles, call: Pick<ImportCall, 'name' | 'signal'>): Promise<FileInspection>;
  /**
   * Makes the form that fits this device best, and installs it where it is as good as the file. An import of the same file that was begun goes on;
   * one that fails leaves nothing.
   * @throws SillError `busy` | `revision_refused` | `quota_exceeded` | `unsupported_device` | what `inspect`, forge and runtime throw | `aborted`
   * when it is paused or cancelled
   */
  run(from: ImportFiles, call: ImportCall): Promise<{ readonly id: ModelId; readonly role: Imported['role'] }>;
  list(): Promise<ImportsReport>;
  /** What was made stays. False when it is not under way. */
  pause(id: ModelId): Promise<boolean>;
  /** With the files that this engine still has. @throws SillError `invalid_request` where they have to be chosen again, or nothing is unfinished */
  resume(id: ModelId, call: Pick<ImportCall, 'signal' | 'onProgress'>): ReturnType<Imports['run']>;
  /** Gives it up, and frees what was made. False when there is none. */
  cancel(id: ModelId): Promise<boolean>;
  /** Goes on with what the last tab left and can be fetched or read again. */
  start(): void;
  /** Where the files of an unfinished one lie; empty where that is not known. */
  handles(id: ModelId): Promise<readonly FileHandle[]>;
}

/** What says nothing about the file: it may go on from where it is. All else leaves nothing behind. */
const INTERRUPTED: ReadonlySet<ErrorCode> = new Set([
  'aborted',
  'worker_lost',
  'network_unavailable',
  'chunk_unavailable',
  'storage_unavailable',
]);

/** A chunk that was being written when its import was dropped has landed by then. */
const SETTLED_MS = 1000;

const isInterruption = (error: SillError): boolean => INTERRUPTED.has(error.code) || error.details.reason === 'unreadable';

export function createImports(deps: ImportsDeps): Imports {
  const { store, forge, device, locks, hub, clock, digests, records } = deps;
  const remembered = createImportHandles(store.settings);
  let current: { readonly id: ModelId; readonly abort: AbortController; progress?: FileImportProgress } | undefined;
  /** Files of what was paused here: they need not be chosen again. */
  const atHand = new Map<ModelId, { readonly files: readonly File[]; readonly source: ImportSource }>();

  const forget = (id: ModelId): void => {
    atHand.delete(id);
    void remembered.keep(id, []);
  };

  const tell = (): void => hub.tell({ type: 'imports' });

  /** What was looked at is what is imported next. */
  let fetched: { readonly url: string; readonly file: File } | undefined;
  const filesOf = async (from: ImportFiles, signal: AbortSignal, onProgress: (progress: FileImportProgress) => void) => {
    if ('files' in from) return from.files;
    const url = addressOf(from.url, deps.appUrl);
    const onReceived = (doneBytes: number, totalBytes: number) => onProgress({ phase: 'fetching', doneBytes, totalBytes });
    const file = fetched?.url === url ? fetched.file : await fetchModelFile(deps.fetcher, url, { signal, onProgress: onReceived });
    fetched = { url, file };
    return [file];
  };

  const looked = async (files: readonly File[], { name, signal }: Pick<ImportCall, 'name' | 'signal'>) => {
    const found = await forge.inspect(files, { signal });
    const fileName = files[0]?.name ?? 'model.gguf';
    const id = parseModelId(importId(name ?? fileName));
    const description = describeImport(found, { id, fileName, minimumRuntime: deps.sillVersion });
    return { found, id, description };
  };
  type Looked = Awaited<ReturnType<typeof looked>>;

  /** The form that others are held against is none to choose. */
  const expected = ({ description, found }: Looked) => {
    const variants = description.variants.filter(({ id }) => id !== REFERENCE);
    const files = new Map(found.forms.flatMap((form) => form.files.map((file) => [file.path, file])));
    return expectedManifest({ ...description, variants }, [...files.values()]);
  };
  const nameOf = async ({ id, found }: Looked, variant: string) =>
    parseRevisionId(await digests.sha256(new TextEncoder().encode(`import ${id} ${found.fingerprint} ${variant} ${RECIPE}`)));

  const choose = async (what: Looked, wished: string | undefined): Promise<VariantFit> => {
    const manifest = expected(what);
    const { fit, fits } = await provenChoice(device, (report) => rankVariants(manifest, report), wished);
    if (!fit)
      throw new SillError(
        'invalid_request',
        `There is no form "${wished}" to make of it. There are: ${fits.map((each) => each.variant).join(', ')}.`,
      );
    refuseUnfit(manifest, fit);
    return fit;
  };

  /** Another form that this device runs, of what was refused in one. */
  const otherThan = async (what: Looked, refused: RefusedForm): Promise<VariantFit | undefined> => {
    const { fits } = await provenChoice(device, (report) => rankVariants(expected(what), report));
    return fits.find(({ variant, verdict }) => variant !== refused.variant && verdict !== 'no');
  };

  /** The entry of the journal: the one that was begun of the same file, or a new one in place of all others of the model. */
  const begin = async (what: Looked, source: ImportSource, variant: string, reference?: number): Promise<ImportEntry> => {
    const { id, description, found } = what;
    const revision = await nameOf(what, variant);
    const others = (await store.models.journal()).filter((entry) => isImport(entry) && entry.modelId === id && entry.revision !== revision);
    for (const other of others) await store.models.abandonInstall(other.revision);
    const joined = await store.models.updateJournal(revision, ({ error: _error, ...entry }) => ({ ...entry, state: 'running' }));
    if (joined && isImport(joined)) return joined;
    // What the other form was held against is known already.
    const forms = found.forms.filter((form) => form.variant.id === variant || (form.variant.id === REFERENCE && reference === undefined));
    const files = new Map(forms.flatMap((form) => form.files.map((file) => [file.path, file])));
    const entry: ImportEntry = {
      ...{ modelId: id, revision, variant: parseVariantId(variant), startedAtMs: clock.now(), state: 'running', by: 'import', rank: 0 },
      licenceAcceptedAtMs: await acceptedAtMs(store, id, description.licence.text, clock),
      importing: {
        source,
        description: { ...description, variants: forms.map((form) => form.variant) },
        fingerprint: found.fingerprint,
        ...(found.sinkQuestion ? { sinkQuestion: found.sinkQuestion } : {}),
      },
      making: { ...beginMaking([...files.values()]), ...(reference === undefined ? {} : { reference }) },
    };
    await store.models.beginAdoption(entry);
    return entry;
  };

  const run: Imports['run'] = async (from, call) => {
    const source = sourceOf(from, deps.appUrl);
    const held = await locks.tryHold(FORGE_LOCK, async () => {
      const abort = new AbortController();
      const signal = AbortSignal.any([call.signal, abort.signal]);
      let entry: ImportEntry | undefined;
      const onProgress = (progress: FileImportProgress): void => {
        if (signal.aborted) return;
        if (current?.abort === abort) current.progress = progress;
        call.onProgress?.(progress);
        if (current) hub.tell({ type: 'import', id: current.id, progress });
      };
      try {
        const files = await filesOf(from, signal, onProgress);
        onProgress({ phase: 'looking', doneBytes: 0, totalBytes: 0 });
        const what = await looked(files, { ...call, signal });
        if (call.fingerprint !== undefined && what.found.fingerprint !== call.fingerprint) throw unreadable(undefined);
        const fit = await choose(what, call.variant);
        current = { id: what.id, abort };
        entry = await begin(what, source, fit.variant);
        atHand.set(what.id, { files, source });
        if ('files' in from) await remembered.keep(what.id, from.handles ?? []);
        tell();
        const imported = await importModel(deps, entry, files, { signal, onProgress }).catch(async (reason: unknown) => {
          const refused = refusedForm(reason);
          const other = refused && (await otherThan(what, refused));
          if (!refused || !other) throw reason;
          entry = await begin(what, source, other.variant, refused.scores.reference);
          tell();
          return importModel(deps, entry, files, { signal, onProgress }, refused).catch((second: unknown) => {
            throw bothRefused(refused, second);
          });
        });
        forget(what.id);
        fetched = undefined;
        return { id: what.id, role: imported.role };
      } catch (reason) {
        const error = toSillError(reason);
        if (entry) await leave(entry, signal.aborted || isAbort(reason) ? undefined : error);
        throw error;
      } finally {
        current = undefined;
        tell();
        hub.tell({ type: 'models' });
      }
    });
    if (held) return held.value;
    throw new SillError('busy', 'A model file is being imported already, here or in another tab. Wait until it is done, or pause it.');
  };

  /** @param error absent when somebody stopped it */
  const leave = async ({ revision, modelId }: ImportEntry, error: SillError | undefined): Promise<void> => {
    if (error && !isInterruption(error)) {
      forget(modelId);
      await store.models.abandonInstall(revision);
      await store.models.collectGarbage();
      return;
    }
    const left = await store.models.updateJournal(revision, (entry) => ({
      ...entry,
      state: error ? 'failed' : 'paused',
      ...(error ? { error: error.toData() } : {}),
    }));
    if (left) return;
    // Cancelled: what was on its way when the space was freed is freed as well.
    await store.models.collectGarbage();
    setTimeout(() => void store.models.collectGarbage().catch(() => undefined), SETTLED_MS);
  };

  const entryOf = async (id: ModelId): Promise<ImportEntry | undefined> =>
    (await store.models.journal()).filter(isImport).find((entry) => entry.modelId === id);

  const summaryOf = async (entry: ImportEntry): Promise<ImportSummary> => {
    const { modelId: id, variant, importing, making, startedAtMs, error } = entry;
    const mine = current?.id === id ? current : undefined;
    const canGoOn = importing.source.kind === 'url' || atHand.has(id);
    const known = mine || canGoOn ? [] : await remembered.of(id);
    const lost = known.length === 0 ? 'needs-file' : (await mayRead(known)) ? 'paused' : 'needs-permission';
    const state = mine ? 'running' : entry.state === 'failed' ? 'failed' : canGoOn ? 'paused' : lost;
    return {
      ...{ id, variant, startedAtMs, state, name: importing.description.name, source: importing.source },
      doneBytes: madeBytes(entry.making),
      totalBytes: making.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      ...(mine?.progress ? { progress: mine.progress } : {}),
      ...(error ? { error } : {}),
    };
  };

  const stop = (id: ModelId): boolean => {
    if (current?.id !== id) return false;
    current.abort.abort(new DOMException('The import was stopped.', 'AbortError'));
    return true;
  };

  const resume: Imports['resume'] = async (id, call) => {
    const entry = await entryOf(id);
    if (!entry) throw new SillError('invalid_request', `There is no unfinished import of ${id}.`, { details: { id } });
    const { source } = entry.importing;
    const handles = source.kind === 'files' ? await remembered.of(id) : [];
    const files = atHand.get(id)?.files ?? (await remembered.read(handles));
    if (source.kind === 'files' && !files) {
      throw new SillError(
        'invalid_request',
        `Choose ${source.files.map(({ name }) => name).join(', ')} again: the browser ${handles.length > 0 ? 'does not let it be read' : 'has forgotten it'}.`,
        {
          details: { id, reason: 'needs_file' },
        },
      );
    }
    const from: ImportFiles = source.kind === 'url' ? { url: source.url } : { files: [...(files ?? [])], handles: [...handles] };
    const { fingerprint } = entry.importing;
    return run(from, { ...call, name: id.slice(id.indexOf(':') + 1), variant: entry.variant, fingerprint });
  };

  return {
    async inspect(from, call) {
      sourceOf(from, deps.appUrl);
      const files = await filesOf(from, call.signal, () => undefined);
      const what = await looked(files, call);
      const manifest = expected(what);
      const { fits, fit } = await provenChoice(device, (report) => rankVariants(manifest, report));
      const begun = fit && (await entryOf(what.id));
      const isSame = begun?.importing.fingerprint === what.found.fingerprint;
      const { fingerprint: _fingerprint, ...found }: FoundModelFile = what.found;
      return {
        ...{ id: what.id, name: what.description.name, fits },
        found: { ...found, forms: found.forms.filter(({ variant }) => variant.id !== REFERENCE) },
        ...(begun && isSame
          ? {
              unfinished: {
                doneBytes: madeBytes(begun.making),
                totalBytes: begun.making.files.reduce((sum, file) => sum + file.sizeBytes, 0),
              },
            }
          : {}),
        installed: (await store.models.slots(what.id))?.active !== undefined,
      };
    },
    run,
    async list() {
      const [slots, journal] = await Promise.all([store.models.allSlots(), store.models.journal()]);
      const entries = journal.filter(isImport);
      // One that is about to be installed has its record already.
      await records.keepOnly(
        new Set([...slots.flatMap(({ modelId, active }) => (active ? [modelId] : [])), ...entries.map((each) => each.modelId)]),
      );
      return { unfinished: await Promise.all(entries.map(summaryOf)), finished: await records.list() };
    },
    handles: (id) => remembered.of(id),
    pause: async (id) => stop(id),
    resume,
    async cancel(id) {
      const entry = await entryOf(id);
      if (!entry) return false;
      await store.models.abandonInstall(entry.revision);
      forget(id);
      // What is under way frees what it had on its way when it ends.
      if (!stop(id)) await store.models.collectGarbage();
      tell();
      return true;
    },
    start() {
      const goOn = async (): Promise<void> => {
        for (const { modelId, state } of (await store.models.journal()).filter(isImport)) {
          // Its failure is noted in the journal; without a network, or a file that may be read, a person goes on with it.
          if (state === 'running') await resume(modelId, { signal: new AbortController().signal }).catch(() => undefined);
        }
      };
      void goOn().catch(() => undefined);
    },
  };
}
