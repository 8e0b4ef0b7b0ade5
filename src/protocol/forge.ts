import * as v from 'valibot';
import { isRevisionId } from '../core/ids.ts';
import { TRANSCODED_DTYPES } from '../core/making.ts';
import type { FoundModelFile, Transcoded, TranscodeProgress } from '../ports/forge.ts';
import { method } from './contract.ts';

const files = v.pipe(v.array(v.blob()), v.minLength(1, 'choose a file'), v.maxLength(1000));
const dtype = v.picklist(TRANSCODED_DTYPES);

/** Between the engine and the worker that rewrites model files. */
export const forgeContract = {
  inspect: method<never, FoundModelFile>()(v.object({ files })),
  transcode: method<TranscodeProgress, Transcoded>()(v.object({ files, dtype, entry: v.pipe(v.string(), v.guard(isRevisionId)) })),
};
export type ForgeContract = typeof forgeContract;

/** Weights that come of one computation. */
export interface MadeParts {
  readonly parts: ReadonlyArray<Uint8Array<ArrayBuffer>>;
  readonly error?: number;
}

/** Between that worker and those that compute for it: each plans the same form of the same file. */
export const quantiserContract = {
  /** @returns how many computations there are */
  open: method<never, number>()(v.object({ files, dtype })),
  make: method<never, MadeParts>()(v.object({ step: v.pipe(v.number(), v.integer(), v.minValue(0)) })),
};
export type QuantiserContract = typeof quantiserContract;
