import * as v from 'valibot';

/** How the vectors of a text's tokens become one of the text, in the words of sentence-transformers. */
const POOLINGS = ['cls', 'lasttoken', 'max', 'mean', 'mean_sqrt_len_tokens', 'weightedmean'] as const;
export type Pooling = (typeof POOLINGS)[number];

/** Where sentence-transformers lays down what a model was trained with. */
export const POOLING_FILE = '1_Pooling/config.json';

const flag = v.optional(v.boolean(), false);
/** A flag for each, or in newer ones a name or several. What it names may be none that is known here. */
export const PoolingFileSchema = v.pipe(
  v.looseObject({
    pooling_mode: v.optional(v.union([v.string(), v.array(v.string())])),
    pooling_mode_cls_token: flag,
    pooling_mode_max_tokens: flag,
    pooling_mode_mean_tokens: flag,
    pooling_mode_mean_sqrt_len_tokens: flag,
    pooling_mode_weightedmean_tokens: flag,
    pooling_mode_lasttoken: flag,
  }),
  v.transform(({ pooling_mode: named, ...flags }): readonly string[] => {
    if (named !== undefined) return [named].flat();
    // In the order in which sentence-transformers lays them side by side.
    const order: ReadonlyArray<readonly [boolean, Pooling]> = [
      [flags.pooling_mode_cls_token, 'cls'],
      [flags.pooling_mode_max_tokens, 'max'],
      [flags.pooling_mode_mean_tokens, 'mean'],
      [flags.pooling_mode_mean_sqrt_len_tokens, 'mean_sqrt_len_tokens'],
      [flags.pooling_mode_weightedmean_tokens, 'weightedmean'],
      [flags.pooling_mode_lasttoken, 'lasttoken'],
    ];
    return order.flatMap(([isOn, pooling]) => (isOn ? [pooling] : []));
  }),
);

export const isPooling = (name: string): name is Pooling => POOLINGS.some((each) => each === name);

/**
 * One vector of a text, several poolings side by side, of unit length.
 * @param states tokens x dimensions, row by row
 */
export function pooled(states: Float32Array, dimensions: number, poolings: readonly Pooling[]): Float32Array {
  const tokens = states.length / dimensions;
  const vector = new Float32Array(poolings.length * dimensions);
  for (const [i, pooling] of poolings.entries()) POOLS[pooling](states, vector.subarray(i * dimensions, (i + 1) * dimensions), tokens);
  return toUnit(vector);
}

export function toUnit(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector) || 1;
  return vector.map((value) => value / norm);
}

type Pool = (states: Float32Array, into: Float32Array, tokens: number) => void;

const row = (states: Float32Array, { length }: Float32Array, token: number) => states.subarray(token * length, (token + 1) * length);

/** @param weightOf shares of the tokens, by their place from 0 */
const weighted =
  (weightOf: (token: number, tokens: number) => number): Pool =>
  (states, into, tokens) => {
    for (let token = 0; token < tokens; token++) {
      const weight = weightOf(token, tokens);
      for (const [i, value] of row(states, into, token).entries()) into[i] = (into[i] ?? 0) + value * weight;
    }
  };

const POOLS: Readonly<Record<Pooling, Pool>> = {
  cls: (states, into) => into.set(row(states, into, 0)),
  lasttoken: (states, into, tokens) => into.set(row(states, into, tokens - 1)),
  max(states, into, tokens) {
    into.fill(Number.NEGATIVE_INFINITY);
    for (let token = 0; token < tokens; token++)
      for (const [i, value] of row(states, into, token).entries()) into[i] = Math.max(into[i] ?? 0, value);
  },
  mean: weighted((_, tokens) => 1 / tokens),
  mean_sqrt_len_tokens: weighted((_, tokens) => 1 / Math.sqrt(tokens)),
  weightedmean: weighted((token, tokens) => (token + 1) / ((tokens * (tokens + 1)) / 2)),
};
