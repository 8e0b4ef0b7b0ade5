import { refused } from './ggufError.ts';
import { tensorValues } from './ggufMatrix.ts';
import { type GgufMetadata, quoted } from './ggufMetadata.ts';
import type { Gguf } from './readGguf.ts';

/** Divisors of Llama 3, one for each pair. */
export const ROPE_DIVISORS = 'rope_freqs.weight';
/** Divisors of Phi-3: for texts of the length that it was first trained on, and for longer ones. */
export const SHORT_DIVISORS = 'rope_factors_short.weight';
export const LONG_DIVISORS = 'rope_factors_long.weight';
const DIVISORS = [ROPE_DIVISORS, SHORT_DIVISORS];

/** How rotations are slowed for longer texts than a model was first trained on. */
export interface RopeScaling {
  /** One for each pair; absent where all are 1. */
  readonly divisors?: Float32Array;
  /** What rotated numbers are multiplied by; absent where it is 1. */
  readonly magnitude?: number;
  /** The longest text for which this holds. */
  readonly context: number;
}

/**
 * What a file says of longer texts: linear scaling, the divisors of Llama 3, YaRN (arXiv 2309.00071, as llama.cpp computes it), or the two
 * lists of Phi-3. Of those, the one for the first length is taken, and the context ends there: its key-values would fill a page's memory
 * long before the other's.
 * @param rotated numbers of a head that are rotated
 */
export function ropeScaling({ metadata, tensors }: Gguf, name: string, rotated: number, theta: number, context: number): RopeScaling {
  const key = (last: string): string => `${name}.rope.scaling.${last}`;
  const type = metadata.text(key('type')) ?? 'linear';
  const factor = metadata.number(key('factor')) ?? metadata.number(`${name}.rope.scale_linear`) ?? 0;
  if (!['none', 'linear', 'yarn', 'longrope'].includes(type) || factor < 0) {
    throw refused('unsupported', `it needs rope scaling of type ${quoted(type)}, which is not built yet`);
  }
  const original = metadata.count(key('original_context_length')) || context;
  let magnitude = metadata.number(key('attn_factor')) || 1;
  const divisors = new Float32Array(rotated / 2).fill(1);
  if (type === 'linear' && factor > 0) divisors.fill(factor);
  if (type === 'yarn' && factor > 0) {
    const slowed = yarn(metadata, name, { rotated, theta, factor, original });
    divisors.set(slowed.divisors);
    magnitude *= slowed.magnitude;
  }
  const tensor = DIVISORS.map((each) => tensors.get(each)).find((each) => each !== undefined);
  if (tensor) {
    if (tensor.dims.join() !== String(rotated / 2)) {
      throw refused('malformed', `${quoted(tensor.name)} has another size than half of what is rotated`);
    }
    for (const [i, value] of tensorValues(tensor).entries()) divisors[i] = value * (divisors[i] as number);
  }
  // What is added to attention beyond that length is 0 before it.
  const limited = tensors.has(SHORT_DIVISORS) || metadata.number(`${name}.attention.temperature_scale`);
  return {
    ...(divisors.every((value) => value === 1) ? {} : { divisors }),
    ...(magnitude === 1 ? {} : { magnitude }),
    context: limited ? Math.min(context, original) : context,
  };
}

interface Turning {
  readonly rotated: number;
  readonly theta: number;
  readonly factor: number;
  /** Positions of the first training. */
  readonly original: number;
}

/** Pairs that turn often within the first length are left alone, those that turn less than once are slowed by the whole factor. */
function yarn(
  metadata: GgufMetadata,
  name: string,
  { rotated, theta, factor, original }: Turning,
): { divisors: Float32Array; magnitude: number } {
  const number = (last: string, otherwise: number): number => metadata.number(`${name}.rope.scaling.yarn_${last}`) ?? otherwise;
  const pairOf = (turns: number): number => (rotated * Math.log(original / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const low = Math.max(0, Math.floor(pairOf(number('beta_fast', 32))));
  const high = Math.min(rotated - 1, Math.ceil(pairOf(number('beta_slow', 1))));
  const extrapolation = number('ext_factor', 1);
  const divisors = Float32Array.from({ length: rotated / 2 }, (_, pair) => {
    const share = (1 - Math.min(1, Math.max(0, (pair - low) / Math.max(0.001, high - low)))) * extrapolation;
    return 1 / ((1 - share) / factor + share);
  });
  const growth = (by: number): number => (factor > 1 ? 1 + 0.1 * by * Math.log(factor) : 1);
  const all = number('log_multiplier', 0);
  return { divisors, magnitude: (number('attn_factor', 1) * growth(1)) / (all === 0 ? 1 : growth(all)) };
}
