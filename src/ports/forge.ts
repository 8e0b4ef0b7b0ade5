import type { RevisionId } from '../core/ids.ts';
import type { FormRecipe, FoundForm, FoundInFile, MatrixError } from '../core/making.ts';

/** A GGUF file: whole, or all parts of a split one in any order. Read where it lies, never copied. */
export type ModelFiles = readonly Blob[];

export interface FoundModelFile extends FoundInFile {
  /** Of size and samples of its bytes, in hexadecimal: the same file has the same, and another one very likely not. */
  readonly fingerprint: string;
}

export interface TranscodeJob extends FormRecipe {
  readonly files: ModelFiles;
  /** The journal's entry in which each chunk is noted before it is stored. Only the files that it names are made. */
  readonly entry: RevisionId;
}

export interface TranscodeProgress {
  /** Of the files that are made, on the device. */
  readonly madeBytes: number;
  readonly totalBytes: number;
}

export interface Transcoded {
  /** In the order of the graph, those of earlier tries included. 0 of a matrix whose blocks were kept. */
  readonly errors: readonly MatrixError[];
  /** SHA-256 of each file in hexadecimal, in the order given. Empty for the form that others are held against, which goes again. */
  readonly sha256: readonly string[];
}

/** Rewrites model files for this device. */
export interface Forge {
  /** @throws SillError `invalid_request` whose `details.reason` is a `GgufFault`, or `unreadable` */
  inspect(files: ModelFiles, options: { signal?: AbortSignal }): Promise<FoundModelFile>;
  /** What a form becomes, by the headers alone. @throws SillError as `inspect` */
  plan(files: ModelFiles, recipe: FormRecipe, options: { signal?: AbortSignal }): Promise<FoundForm>;
  /**
   * By what channels of the products' inputs are to be divided before they are quantised in 8 bits. Reads all weights of the layers once.
   * @param loudness as `LOUDNESS_OUTPUT` has it @returns what `FormRecipe.evened` is
   * @throws SillError as `inspect` | `internal` where it is of another model
   */
  even(files: ModelFiles, loudness: Float32Array<ArrayBuffer>, options: { signal?: AbortSignal }): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Makes a form and stores it chunk by chunk. What an earlier try stored is not made again.
   * @throws SillError as `inspect` | `quota_exceeded` | `storage_unavailable` | `out_of_memory` | `worker_lost` | `aborted`, also when the entry
   * is gone
   */
  transcode(job: TranscodeJob, options: { signal?: AbortSignal; onProgress?: (progress: TranscodeProgress) => void }): Promise<Transcoded>;
}
