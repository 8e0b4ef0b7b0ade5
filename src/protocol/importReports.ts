import * as v from 'valibot';
import type { ErrorData } from '../core/errors.ts';
import type { VariantFit } from '../core/fit.ts';
import { isVariantId, type ModelId, type RevisionId, type VariantId } from '../core/ids.ts';
import type { FormScores } from '../core/importGate.ts';
import type { ImportSource } from '../core/importing.ts';
import type { FoundInFile, MatrixError } from '../core/making.ts';
import type { FormTry } from '../core/widening.ts';
import { type FileHandle, isFileHandle } from '../ports/files.ts';

/** A model file, whole or in all its parts, or where to fetch it on the page's own origin. */
const ImportFilesSchema = v.union([
  v.object({
    files: v.pipe(v.array(v.file()), v.minLength(1, 'choose a file'), v.maxLength(1000)),
    /** Of the same files, where the browser gave them: with them an import goes on after a reload. */
    handles: v.optional(v.pipe(v.array(v.custom<FileHandle>(isFileHandle)), v.maxLength(1000))),
  }),
  v.object({ url: v.pipe(v.string(), v.minLength(1), v.maxLength(2000)) }),
]);
export type ImportFiles = v.InferOutput<typeof ImportFilesSchema>;

export const FileImportSchema = v.object({
  from: ImportFilesSchema,
  /** By which it is called here, after `file:`. By default what its file is called. */
  name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(80))),
  variant: v.optional(v.pipe(v.string(), v.guard(isVariantId, 'is not a variant'))),
});

/** How far an import is. */
export interface FileImportProgress {
  /**
   * `waiting` for another one to be made; `fetching` from an address; `looking` at its headers; `reference`: making the form that others are held against; `transcoding`: making the
   * one that will run; `scoring` either of them; `activating`.
   */
  readonly phase: 'waiting' | 'fetching' | 'looking' | 'reference' | 'transcoding' | 'scoring' | 'activating';
  /** Of this phase. */
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond?: number;
  readonly secondsLeft?: number;
}

/** What is in a model file and what it would become here. Nothing was written. */
export interface FileInspection {
  readonly id: ModelId;
  readonly name: string;
  readonly found: FoundInFile;
  /**
   * Best first: the first is what an import makes. `sizeBytes` is what is stored, `madeBytes` what the form that it is held against takes more for a while,
   * `memoryBytes` what it takes while it runs.
   */
  readonly fits: readonly VariantFit[];
  /** An import of the same file that was begun: it goes on in the same form, and is given up for another one. */
  readonly unfinished?: { readonly variant: VariantId; readonly doneBytes: number; readonly totalBytes: number };
  /** An import of another file under the same id that was begun, and is given up for this one. */
  readonly displaces?: { readonly source: ImportSource; readonly doneBytes: number; readonly totalBytes: number };
  /** It was imported already, and is here. */
  readonly installed: boolean;
}

/** A form that lost too much, for which another one was made. */
export interface RefusedForm {
  readonly variant: VariantId;
  readonly scores: FormScores;
}

/** What a form was made of: what somebody brought, or what a catalog delivered. */
export type FormSource =
  | ImportSource
  | { readonly kind: 'delivered'; readonly files: ReadonlyArray<{ readonly name: string; readonly sizeBytes: number }> };

/** How a form that was made here came to be, and how well. */
export interface ImportRecord {
  readonly id: ModelId;
  readonly revision: RevisionId;
  readonly variant: VariantId;
  /** What made it; the same bytes give the same revision with the same recipe. */
  readonly recipe: string;
  readonly source: FormSource;
  /** SHA-256 of each file in hexadecimal; empty where an older version of the app did not note it. */
  readonly sha256: readonly string[];
  readonly sourceBytes: number;
  readonly sizeBytes: number;
  readonly scores: FormScores;
  /** The reference is what the model's publisher states, and not what 8-bit blocks of the same weights score here. */
  readonly stated?: true;
  /** In the order of the graph. */
  readonly errors: readonly MatrixError[];
  /** Names of the matrices that are kept in a higher form, since they lost most: part of what made it. */
  readonly wider?: readonly string[] | undefined;
  /** Whether its channels are as loud as each other as far as its weights bear it. */
  readonly evened?: boolean | undefined;
  /** How it scored before they were. */
  readonly tries?: readonly FormTry[] | undefined;
  /** What was tried before, in turn. */
  readonly refused?: readonly RefusedForm[] | undefined;
  /** Absent where an older version of the app did not note it. */
  readonly tookMs?: number;
  readonly atMs: number;
}

export interface ImportSummary {
  readonly id: ModelId;
  readonly name: string;
  readonly variant: VariantId;
  readonly source: ImportSource;
  /** `failed`: for `error`, which says nothing about the file: it can go on. */
  readonly state: 'running' | 'paused' | 'failed';
  /**
   * What it takes to go on with one that is not under way. `file`: that the same file is chosen again, which the browser has forgotten; `permission`: that
   * the person lets the page read it again, for which `imports.resume` asks.
   */
  readonly goesOn?: 'now' | 'permission' | 'file';
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly startedAtMs: number;
  readonly progress?: FileImportProgress;
  readonly error?: ErrorData;
}

export interface ImportsReport {
  readonly unfinished: readonly ImportSummary[];
  /** Newest first; with the forms that were made of what a catalog delivered, of each version that is here. */
  readonly finished: readonly ImportRecord[];
}
