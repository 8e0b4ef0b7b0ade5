import type { SillError } from '../../core/errors.ts';
import { type ModelId, parseVariantId } from '../../core/ids.ts';
import type { ImportSource } from '../../core/importing.ts';
import { type ImportEntry, isImport } from '../../core/journal.ts';
import { beginMaking, type Making, madeBytes } from '../../core/making.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import type { FileInspection } from '../../protocol/importReports.ts';
import { acceptedAtMs } from '../downloads/installs.ts';
import { isInterruption } from '../forms/interruptions.ts';
import { REFERENCE } from '../forms/makingForms.ts';
import type { FileLook, ImportForms } from './importForms.ts';

export interface ImportEntriesDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly forms: Pick<ImportForms, 'revisionOf'>;
}

/** Imports that are not finished, as the journal has them. */
export interface ImportEntries {
  list(): Promise<readonly ImportEntry[]>;
  of(id: ModelId): Promise<ImportEntry | undefined>;
  /**
   * The one that was begun of the same file, or a new one in place of all others of the model.
   * @param reference what the other form of the file was held against, where that is known: it is not made again
   */
  begin(what: FileLook, source: ImportSource, variant: string, reference?: number): Promise<ImportEntry>;
  /**
   * Leaves it to go on later, or, where that would fail for the same reason, drops it and what was made.
   * @param error absent when somebody stopped it
   */
  leave(entry: ImportEntry, error: SillError | undefined): Promise<void>;
  /** It is under way again, though nothing was looked at yet: cut off now, it goes on by itself. */
  goOn(entry: ImportEntry): Promise<void>;
  /** Why it could not go on: it is what it was before, unless somebody stopped it. @param error as above */
  note(entry: ImportEntry, error: SillError | undefined): Promise<void>;
  /** All of the model, and what was made. */
  drop(id: ModelId): Promise<void>;
}

/** A chunk that was being written when its import was dropped has landed by then. */
const SETTLED_MS = 1000;

/** How much of it is made, in bytes on the device. */
export const progressOf = (making: Making): { readonly doneBytes: number; readonly totalBytes: number } => ({
  doneBytes: madeBytes(making),
  totalBytes: making.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
});

/** @param fingerprint of the file that was looked at under the same id */
export const begunAs = (
  { importing, variant, making }: ImportEntry,
  fingerprint: string,
): Pick<FileInspection, 'unfinished' | 'displaces'> =>
  importing.fingerprint === fingerprint
    ? { unfinished: { variant, ...progressOf(making) } }
    : { displaces: { source: importing.source, ...progressOf(making) } };

export function createImportEntries({ store, clock, forms }: ImportEntriesDeps): ImportEntries {
  const { models } = store;
  const list = async (): Promise<ImportEntry[]> => (await models.journal()).filter(isImport);
  const listOf = async (id: ModelId): Promise<ImportEntry[]> => (await list()).filter(({ modelId }) => modelId === id);
  /** What was on its way when the space was freed is freed as well. */
  const sweep = async (): Promise<void> => {
    await models.collectGarbage();
    setTimeout(() => void models.collectGarbage().catch(() => undefined), SETTLED_MS);
  };
  const change = async ({ revision }: ImportEntry, state: Partial<Pick<ImportEntry, 'state' | 'error'>>): Promise<void> => {
    const left = await models.updateJournal(revision, ({ error: _error, ...entry }) => ({ ...entry, ...state }));
    // Cancelled.
    if (!left) await sweep();
  };

  return {
    list,
    of: async (id) => (await listOf(id))[0],
    async begin(what, source, variant, reference) {
      const { id, description, found } = what;
      const revision = await forms.revisionOf(what, variant);
      const others = (await listOf(id)).filter((other) => other.revision !== revision);
      for (const other of others) await models.abandonInstall(other.revision);
      // What was made of them, by an earlier version of the app perhaps, takes the room that this needs.
      if (others.length > 0) await models.collectGarbage();
      const joined = await models.updateJournal(revision, ({ error: _error, ...entry }) => ({ ...entry, state: 'running' }));
      if (joined && isImport(joined)) return joined;
      const needed = found.forms.filter(
        (form) => form.variant.id === variant || (form.variant.id === REFERENCE && reference === undefined),
      );
      const files = new Map(needed.flatMap((form) => form.files.map((file) => [file.path, file])));
      const entry: ImportEntry = {
        ...{ modelId: id, revision, variant: parseVariantId(variant), startedAtMs: clock.now(), state: 'running', by: 'import', rank: 0 },
        licenceAcceptedAtMs: await acceptedAtMs(store, id, description.licence.text, clock),
        importing: {
          source,
          description: { ...description, variants: needed.map((form) => form.variant) },
          fingerprint: found.fingerprint,
          ...(found.sinkQuestion ? { sinkQuestion: found.sinkQuestion } : {}),
        },
        making: { ...beginMaking([...files.values()]), ...(reference === undefined ? {} : { reference }) },
      };
      await models.beginAdoption(entry);
      return entry;
    },
    async leave(entry, error) {
      if (!error || isInterruption(error)) return change(entry, error ? { state: 'failed', error: error.toData() } : { state: 'paused' });
      await models.abandonInstall(entry.revision);
      await models.collectGarbage();
    },
    goOn: (entry) => change(entry, { state: 'running' }),
    note: (entry, error) => change(entry, error ? { state: entry.state, error: error.toData() } : { state: 'paused' }),
    async drop(id) {
      for (const { revision } of await listOf(id)) await models.abandonInstall(revision);
      await sweep();
    },
  };
}
