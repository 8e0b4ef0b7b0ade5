import { isAbort, SillError, toSillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import { type ImportSource, unreadable } from '../../core/importing.ts';
import type { ImportEntry } from '../../core/journal.ts';
import type { Locks } from '../../ports/browser.ts';
import type { FileHandle } from '../../ports/files.ts';
import type { FoundModelFile } from '../../ports/forge.ts';
import type {
  FileImportProgress,
  FileInspection,
  ImportFiles,
  ImportSummary,
  ImportsReport,
  RefusedForm,
} from '../../protocol/importReports.ts';
import { FORGE_LOCK } from '../../protocol/locks.ts';
import { formReports } from '../forms/formReports.ts';
import { isInterruption } from '../forms/interruptions.ts';
import { REFERENCE } from '../forms/makingForms.ts';
import type { Hub } from '../hub.ts';
import type { Memory } from '../sessions/memory.ts';
import { createFetchedFiles, type FetchedFilesDeps } from './fetchedFiles.ts';
import { begunAs, createImportEntries, progressOf } from './importEntries.ts';
import { createImportForms } from './importForms.ts';
import { createImportHandles } from './importHandles.ts';
import { type Imported, type ImportingDeps, importModel } from './importing.ts';
import { addressOf, idOf, sourceOf } from './importSource.ts';
import { createLookedAt } from './lookedAt.ts';
import { allRefused, refusedForm } from './refusedForms.ts';

export interface ImportsDeps extends ImportingDeps, FetchedFilesDeps {
  readonly memory: Pick<Memory, 'budget'>;
  readonly locks: Locks;
  readonly hub: Hub;
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
  inspect(from: ImportFiles, call: Pick<ImportCall, 'name' | 'signal' | 'onProgress'>): Promise<FileInspection>;
  /**
   * Makes the form that fits this device best, and installs it where it is as good as the file. An import of the same file that was begun goes on;
   * one that fails leaves nothing.
   * @throws SillError `busy` | `revision_refused` | `quota_exceeded` | `unsupported_device` | `model_too_large` | what `inspect`, forge and runtime throw |
   * `aborted` when it is paused or cancelled
   */
  run(from: ImportFiles, call: ImportCall): Promise<{ readonly id: ModelId; readonly role: Imported['role'] }>;
  list(): Promise<ImportsReport>;
  /** What was made stays. False when it is not under way. */
  pause(id: ModelId): Promise<boolean>;
  /** With the files that this engine still has. @throws SillError `invalid_request` where they have to be chosen again, or nothing is unfinished */
  resume(id: ModelId, call: Pick<ImportCall, 'signal' | 'onProgress'>): ReturnType<Imports['run']>;
  /** Gives it up, and frees what was made. False when there is none, nor one that is about to begin. */
  cancel(id: ModelId): Promise<boolean>;
  /** Goes on with what the last tab left and can be fetched or read again. */
  start(): void;
  /** Where the files of an unfinished one lie; empty where that is not known. */
  handles(id: ModelId): Promise<readonly FileHandle[]>;
}

/** Whoever reads a Blob does not know where it is from. */
const ofSource = (error: SillError, source: ImportSource): SillError =>
  error.details.reason === 'unreadable' && source.kind === 'url' ? unreadable(error.cause, source) : error;

/** The one that is made here, from the moment on that its file is fetched. */
interface UnderWay {
  readonly id: ModelId;
  readonly abort: AbortController;
  files: readonly File[];
  progress?: FileImportProgress;
  /** Nothing of it stays, whatever it has written meanwhile. */
  isCancelled?: boolean;
}

/** Whoever throws it does not know whether it can be gone on with. */
const kept = (error: SillError, isKept: boolean): SillError =>
  new SillError(error.code, error.message, { details: { ...error.details, nothingKept: !isKept }, cause: error.cause });

export function createImports(deps: ImportsDeps): Imports {
  const { store, locks, hub, records } = deps;
  const forms = createImportForms(deps);
  const entries = createImportEntries({ ...deps, forms });
  const remembered = createImportHandles(store.settings);
  let current: UnderWay | undefined;
  /** Files of what was paused here: they need not be chosen again. */
  const atHand = new Map<ModelId, { readonly files: readonly File[]; readonly source: ImportSource }>();

  const fetched = createFetchedFiles(deps);
  /** Of one that is under way, whoever makes it lets go of its files. */
  const leave = (id: ModelId): void => {
    const files = atHand.get(id)?.files ?? [];
    if (files !== current?.files) fetched.letGo(files);
    atHand.delete(id);
  };

  const forget = (id: ModelId): void => {
    leave(id);
    void remembered.keep(id, []);
  };

  const tell = (): void => hub.tell({ type: 'imports' });

  const lookedAt = createLookedAt(fetched.letGo);
  const filesOf = async (from: ImportFiles, signal: AbortSignal, onProgress: (progress: FileImportProgress) => void) => {
    if ('files' in from) return from.files;
    const url = addressOf(from.url, deps.appUrl);
    return lookedAt.take(url) ?? (await fetched.fetch(url, signal, onProgress));
  };

  /** @param resumed what was begun, and its files where they are at hand */
  const run = async (
    from: ImportFiles,
    call: ImportCall,
    resumed?: { readonly entry: ImportEntry; readonly files: readonly File[] | undefined },
  ): ReturnType<Imports['run']> => {
    const source = sourceOf(from, deps.appUrl);
    const id = idOf(source, call.name);
    const ended = await locks.tryHold(FORGE_LOCK, async () => {
      const mine: UnderWay = { id, abort: new AbortController(), files: resumed?.files ?? [] };
      current = mine;
      const signal = AbortSignal.any([call.signal, mine.abort.signal]);
      let entry: ImportEntry | undefined;
      let isRead = false;
      const onProgress = (progress: FileImportProgress): void => {
        if (signal.aborted) return;
        mine.progress = progress;
        call.onProgress?.(progress);
        hub.tell({ type: 'import', id, progress });
      };
      try {
        // Before anybody sees it.
        if (resumed) await entries.goOn(resumed.entry);
        tell();
        mine.files = resumed?.files ?? (await filesOf(from, signal, onProgress));
        const { files } = mine;
        onProgress({ phase: 'looking', doneBytes: 0, totalBytes: 0 });
        const what = await forms.look(files, { ...call, signal });
        isRead = true;
        if (call.fingerprint !== undefined && what.found.fingerprint !== call.fingerprint) throw unreadable(undefined, source);
        const fit = await forms.choose(what, call.variant, await entries.of(id));
        // None is begun that was given up while it was looked at.
        signal.throwIfAborted();
        entry = await entries.begin(what, source, fit.variant);
        const before = atHand.get(id)?.files;
        if (before && before !== files) fetched.letGo(before);
        atHand.set(id, { files, source });
        if ('files' in from) await remembered.keep(id, from.handles ?? []);
        tell();
        const refused: RefusedForm[] = [];
        const imported = async (now: ImportEntry): Promise<Imported> => {
          try {
            return await importModel(deps, now, files, { signal, onProgress }, refused);
          } catch (reason) {
            const one = refusedForm(reason);
            const other = one && (await forms.otherThan(what, [...refused, one], await entries.of(id)));
            if (!one || !other) throw allRefused(refused, reason);
            refused.push(one);
            entry = await entries.begin(what, source, other.variant, one.scores.reference);
            tell();
            return imported(entry);
          }
        };
        const { role } = await imported(entry);
        forget(id);
        return { id, role };
      } catch (reason) {
        let error = ofSource(toSillError(reason), source);
        if (entry && isInterruption(error)) error = kept(error, true);
        const why = signal.aborted || isAbort(reason) ? undefined : error;
        if (mine.isCancelled) await entries.drop(id);
        else if (entry) await entries.leave(entry, why);
        else if (resumed) await entries.note(resumed.entry, why);
        const isLeft = (await entries.of(id)) !== undefined;
        if (isRead && !isLeft) error = kept(error, false);
        if (!isLeft) forget(id);
        // What failed may be tried again with another file at that address, and what was fetched of this one is not held until then. Nor does a file help that is not there.
        else if ((entry ?? resumed) && (why?.details.reason === 'unreadable' || (source.kind === 'url' && !isAbort(error)))) leave(id);
        throw error;
      } finally {
        // A pause needs them again.
        if (![...atHand.values()].some((each) => each.files === mine.files)) fetched.letGo(mine.files);
        current = undefined;
        tell();
        hub.tell({ type: 'models' });
      }
    });
    if (ended) return ended.value;
    throw new SillError('busy', 'A model file is being imported already, here or in another tab. Wait until it is done, or pause it.', {
      details: { import: 'running' },
    });
  };

  const goesOn = async ({ modelId, importing }: ImportEntry) =>
    importing.source.kind === 'url' || atHand.has(modelId) ? 'now' : remembered.goesOn(modelId);

  const summaryOf = async (entry: ImportEntry): Promise<ImportSummary> => {
    const { modelId: id, variant, importing, making, startedAtMs, error } = entry;
    const mine = current?.id === id ? current : undefined;
    const state: Pick<ImportSummary, 'state' | 'goesOn'> = mine
      ? { state: 'running' }
      : { state: entry.state === 'failed' ? 'failed' : 'paused', goesOn: await goesOn(entry) };
    return {
      ...{ id, variant, startedAtMs, name: importing.description.name, source: importing.source },
      ...state,
      ...progressOf(making),
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
    const entry = await entries.of(id);
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
    return run(from, { ...call, name: id.slice(id.indexOf(':') + 1), variant: entry.variant, fingerprint }, { entry, files });
  };

  return {
    async inspect(from, call) {
      sourceOf(from, deps.appUrl);
      lookedAt.drop();
      // What lies there now, though it was looked at before.
      const came = 'files' in from ? undefined : await fetched.fetch(addressOf(from.url, deps.appUrl), call.signal, call.onProgress);
      const files = 'files' in from ? from.files : (came ?? []);
      call.onProgress?.({ phase: 'looking', doneBytes: 0, totalBytes: 0 });
      const what = await forms.look(files, call).catch((reason: unknown) => {
        if (came) fetched.letGo(came);
        throw reason;
      });
      if (came && !('files' in from)) lookedAt.keep(addressOf(from.url, deps.appUrl), came);
      const begun = await entries.of(what.id);
      const { fits } = await forms.fits(what, begun);
      const { fingerprint: _fingerprint, ...found }: FoundModelFile = what.found;
      return {
        ...{ id: what.id, name: what.description.name, fits },
        found: { ...found, forms: found.forms.filter(({ variant }) => variant.id !== REFERENCE) },
        ...(begun ? begunAs(begun, what.found.fingerprint) : {}),
        installed: (await store.models.slots(what.id))?.active !== undefined,
      };
    },
    run: (from, call) => run(from, call),
    async list() {
      const [slots, unfinished] = await Promise.all([store.models.allSlots(), entries.list()]);
      // One that is about to be installed has its record already.
      await records.keepOnly(
        new Set([...slots.flatMap(({ modelId, active }) => (active ? [modelId] : [])), ...unfinished.map((each) => each.modelId)]),
      );
      const finished = [...(await records.list()), ...(await formReports(store))].sort((a, b) => b.atMs - a.atMs);
      return { unfinished: await Promise.all(unfinished.map(summaryOf)), finished };
    },
    handles: (id) => remembered.of(id),
    pause: async (id) => stop(id),
    resume,
    async cancel(id) {
      if (current?.id === id) current.isCancelled = true;
      const isUnderWay = stop(id);
      const entry = await entries.of(id);
      if (!entry && !isUnderWay) return false;
      if (entry) await store.models.abandonInstall(entry.revision);
      forget(id);
      // What is under way frees what it had on its way when it ends.
      if (!isUnderWay) await store.models.collectGarbage();
      tell();
      return true;
    },
    start() {
      const goOn = async (): Promise<void> => {
        for (const { modelId, state } of await entries.list()) {
          // Its failure is noted in the journal; without a network, or a file that may be read, a person goes on with it.
          if (state === 'running') await resume(modelId, { signal: new AbortController().signal }).catch(() => undefined);
        }
      };
      void goOn().catch(() => undefined);
    },
  };
}
