import * as v from 'valibot';
import { isRevisionId } from '../core/ids.ts';
import { type FoundForm, TRANSCODED_DTYPES } from '../core/making.ts';
import type { FoundModelFile, Transcoded, TranscodeProgress } from '../ports/forge.ts';
import { method } from './contract.ts';

const files = v.pipe(v.array(v.blob()), v.minLength(1, 'choose a file'), v.maxLength(1000));
/** Of `FormRecipe`. */
const recipe = {
  dtype: v.picklist(TRANSCODED_DTYPES),
  wider: v.optional(v.array(v.pipe(v.string(), v.maxLength(200))), []),
  evened: v.exactOptional(v.instance(Uint8Array)),
  listening: v.exactOptional(v.boolean()),
};

/** Between the engine and the worker that rewrites model files. */
export const forgeContract = {
  inspect: method<never, FoundModelFile>()(v.object({ files })),
  plan: method<never, FoundForm>()(v.object({ files, ...recipe })),
  even: method<never, Uint8Array<ArrayBuffer>>()(v.object({ files, loudness: v.instance(Float32Array) })),
  transcode: method<TranscodeProgress, Transcoded>()(v.object({ files, ...recipe, entry: v.pipe(v.string(), v.guard(isRevisionId)) })),
};
export type ForgeContract = typeof forgeContract;

/** Some rows of the weights that come of one computation: the next bytes of each of their parts. */
export interface MadeParts {
  readonly parts: ReadonlyArray<Uint8Array<ArrayBuffer>>;
  /** Sums of squares: of the numbers, and of what they differ by. */
  readonly error?: { readonly squares: number; readonly differences: number };
}

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Between that worker and those that compute for it: each plans the same form of the same file. */
export const quantiserContract = {
  /** @returns how many computations there are */
  open: method<never, number>()(v.object({ files, ...recipe })),
  make: method<never, MadeParts>()(v.object({ step: whole, piece: whole })),
};
export type QuantiserContract = typeof quantiserContract;
