import { type FormScores, isFaithful } from './importGate.ts';
import type { MatrixError, TranscodedDtype } from './making.ts';

/** How a form scored with so many of its matrices in a higher form. */
export interface FormTry {
  readonly wider: readonly string[];
  /** Mean negative log-likelihood of a token, in nats. */
  readonly measured: number;
  /** Whether its channels were evened. */
  readonly evened?: boolean | undefined;
}

/**
 * A matrix that is so many times as far from the file as the median of its kind is kept higher in any case. The furthest of TinyLlama is its first
 * `qkv_proj` at 8 bits, 2.1 times; all others of it and of stories15M, at 8 bits and at 4, are below 1.6 times.
 */
const OUTLIER_MEDIANS = 3;
/** Below this no matrix is worth its room: 8 bits lose about a hundredth. */
const OUTLIER_ERROR = 0.02;
/** Of the form's size, by how much each step may let it grow: the first ones find the few that count, the last one is worth a good share. */
const STEPS = [0.1, 0.2, 0.4] as const;
/** A step that won less than this share of what was still lost too much says that the worst weights are not what is wrong. */
const WORTH_SHARE = 0.05;

/** By what the higher form of a matrix is larger, as a multiple of it: 32 bits in place of 8 or 16, 9 in place of 5 with the scales of the blocks. */
const GROWTH: Readonly<Record<TranscodedDtype, number>> = { int8: 3, q4: 0.8, fp16: 1, q8: 2.5 };

/** Blocks of 8 bits of a GPU's form: another form of them is not there. */
const EMBEDDING = 'model.embed_tokens';

/** Of a form as it was made. */
export interface FormErrors {
  readonly dtype: TranscodedDtype;
  readonly errors: readonly MatrixError[];
  /** Names of those that are in the higher form already. */
  readonly wider: readonly string[];
}

/**
 * What 16 bits lose lies in sums, which a GPU makes in as many, and next to nothing in weights: of a file of 16 bits nothing at all. The longest sums go
 * first, over what a layer's gates let through, where llama-family models have their largest numbers.
 */
const BY_SUMS: readonly string[] = ['down_proj', 'o_proj', 'gate_up_proj', 'qkv_proj'];
const sumsOf = ({ name }: MatrixError): number => {
  const place = BY_SUMS.indexOf(kindOf(name));
  return place < 0 ? BY_SUMS.length : place;
};

/** Worst first; what was kept as it came loses nothing, but for its sums. */
function candidates({ dtype, errors, wider }: FormErrors): MatrixError[] {
  const done = new Set(wider);
  const isInSums = dtype === 'fp16';
  return errors
    .filter(({ name, error }) => (error > 0 || isInSums) && !done.has(name) && (dtype === 'int8' || name !== EMBEDDING))
    .sort((a, b) => (isInSums ? sumsOf(a) - sumsOf(b) : 0) || b.error - a.error || a.name.localeCompare(b.name));
}

/** `down_proj` of `model.layers.3.mlp.down_proj`: what is of one kind is alike in size and in what it does. */
const kindOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Names of the matrices that are much further from the file than the others of their kind, in the order of the graph. */
export function outliersOf(form: FormErrors): string[] {
  const kinds = new Map<string, number[]>();
  for (const { name, error } of form.errors) kinds.set(kindOf(name), [...(kinds.get(kindOf(name)) ?? []), error]);
  const far = new Set(
    candidates(form)
      .filter(({ name, error }) => error >= Math.max(OUTLIER_ERROR, OUTLIER_MEDIANS * median(kinds.get(kindOf(name)) ?? [])))
      .map(({ name }) => name),
  );
  return form.errors.flatMap(({ name }) => (far.has(name) ? [name] : []));
}

/**
 * Which matrices are to be kept higher in the next try of a form that loses too much: those that were, and the worst of the others, as many as
 * the step has room for.
 * @param tries of this form, in turn; the last one is that of `form`
 * @returns undefined where it is faithful, or another try is not worth it
 */
export function widerNext(
  form: FormErrors,
  { reference, bound }: Omit<FormScores, 'measured'>,
  tries: readonly FormTry[],
): string[] | undefined {
  const last = tries.at(-1);
  if (!last || !Number.isFinite(last.measured) || isFaithful({ reference, measured: last.measured, bound })) return undefined;
  const before = tries.at(-2);
  const excess = (each: FormTry): number => each.measured - reference - bound;
  if (before && excess(before) - excess(last) < WORTH_SHARE * excess(before)) return undefined;
  const share = STEPS[tries.length - 1];
  if (share === undefined) return undefined;
  const room = share * form.errors.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
  const next = new Set(form.wider);
  let used = 0;
  for (const { name, sizeBytes = 0 } of candidates(form)) {
    const grows = GROWTH[form.dtype] * sizeBytes;
    // The worst one goes in any case: in a small model it may be half of all.
    if (used > 0 && used + grows > room) continue;
    used += grows;
    next.add(name);
  }
  return next.size > form.wider.length ? form.errors.flatMap(({ name }) => (next.has(name) ? [name] : [])) : undefined;
}

/** What made a form, in words. @param isEvened whether its channels are: by what is kept with the form */
export const recipeOf = (recipe: string, wider: readonly string[] = [], isEvened = false): string =>
  [recipe, ...(isEvened ? ['evened'] : []), ...(wider.length > 0 ? [`wider:${wider.join(',')}`] : [])].join(' ');
