import * as v from 'valibot';
import { isModelId } from '../core/ids.ts';
import type { FileHandle } from '../ports/files.ts';
import type { CallOptions } from './callOptions.ts';
import { method } from './contract.ts';
import { type FileImportProgress, FileImportSchema, type FileInspection, type ImportsReport } from './importReports.ts';
import type { ModelSummary } from './modelReports.ts';

const id = v.pipe(v.string('name the model, for example "file:tiny"'), v.guard(isModelId, 'is not a model id'));

/** Of the engine's contract, what is about model files of another format. */
export const importMethods = {
  'models.inspectFile': method<FileImportProgress, FileInspection>()(v.omit(FileImportSchema, ['variant'])),
  'models.importFile': method<FileImportProgress, ModelSummary>()(FileImportSchema),
  'imports.list': method<never, ImportsReport>()(v.strictObject({})),
  'imports.pause': method<never, boolean>()(v.object({ id })),
  'imports.resume': method<FileImportProgress, ModelSummary>()(v.object({ id })),
  /** Where the files of an unfinished import lie, for the page to ask whether they may be read; empty where that is not known. */
  'imports.handles': method<never, readonly FileHandle[]>()(v.object({ id })),
  'imports.cancel': method<never, boolean>()(v.object({ id })),
};

interface ImportOptions extends CallOptions {
  readonly onProgress?: (progress: FileImportProgress) => void;
}

/**
 * One file, all parts of a split one, or an address on the page's own origin (of a split file that of any part), read against that of the app. Of handles, as `showOpenFilePicker()` gives
 * them, the import goes on by itself after a reload.
 */
export type ModelFileSource = File | readonly File[] | FileHandle | readonly FileHandle[] | string | URL;

/** Of the public surface, what is about models that a person brings as GGUF files. */
export interface Importer {
  readonly models: {
    /**
     * What is in a GGUF file and what it would become on this device. Installs nothing; a file is read where it lies, and not all of it. From an address
     * it is fetched first, of a split file all parts, and waits ten minutes for its import.
     * @throws SillError `invalid_request`, with `details.reason` `not_gguf`, `truncated`, `malformed`, `too_large`, `unsupported`, `incomplete`,
     *   `several` or `unreadable` | `source_not_allowed` for an address of another origin | `network_unavailable` | `chunk_unavailable`
     */
    inspectFile(from: ModelFileSource, options?: ImportOptions & { readonly name?: string }): Promise<FileInspection>;
    /**
     * Rewrites a GGUF file into the form that is fastest here (8-bit for the processor, 4-bit blocks for the graphics processor), checks that it
     * foretells a text nearly as well as the file does, and installs it as `file:<name>`. Means that its licence is accepted. An import of the
     * same file that was cut off goes on; aborting pauses it, and one that fails leaves nothing.
     * @param options `name`: after `file:`, by default what the file is called; `variant`: as `inspectFile` names it
     * @throws SillError as `inspectFile` | `busy` while another one is imported | `revision_refused` where too much was lost | `quota_exceeded` |
     *   `unsupported_device` | `model_too_large` | `out_of_memory` | `aborted`
     */
    importFile(
      from: ModelFileSource,
      options?: ImportOptions & { readonly name?: string; readonly variant?: string },
    ): Promise<ModelSummary>;
  };
  /** Imports that are under way, paused or waiting for their file, and how those that are done came out. One is made at a time. */
  readonly imports: {
    list(): Promise<ImportsReport>;
    /** What was made stays. False when it is not under way. */
    pause(id: string): Promise<boolean>;
    /**
     * Goes on with one that was paused.
     * Asks the person whether the file may be read again, where the browser remembers where it lies: to be called from a click.
     * @throws SillError `invalid_request` with `details.reason` `needs_file` where the browser has forgotten the file, or the person does not let it
     *   be read: give it to `models.importFile` again | what that throws
     */
    resume(id: string, options?: ImportOptions): Promise<ModelSummary>;
    /** Gives it up, and frees what was made. False when there is none. */
    cancel(id: string): Promise<boolean>;
  };
}
