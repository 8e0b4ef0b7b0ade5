import * as v from 'valibot';

/** Largest seed that we draw: what a signed 32-bit integer holds reads well and is random enough. */
export const MAX_SEED = 2 ** 31 - 1;

const range = (low: number, high: number) => v.pipe(v.number(), v.minValue(low), v.maxValue(high));

export const SettingsSchema = v.object({
  temperature: range(0, 2),
  topP: range(0.05, 1),
  topK: v.pipe(range(0, 200), v.integer()),
  repetitionPenalty: range(1, 2),
  // Later additions: settings that were kept before have none of them.
  minP: v.optional(range(0, 1), 0),
  presencePenalty: v.optional(range(-2, 2), 0),
  frequencyPenalty: v.optional(range(-2, 2), 0),
  maxTokens: v.pipe(range(1, 4096), v.integer()),
  seed: v.pipe(range(0, MAX_SEED), v.integer()),
  /** Keeps the seed, so that the same prompt gives the same text. */
  fixedSeed: v.boolean(),
});
export type Settings = v.InferOutput<typeof SettingsSchema>;

export const DEFAULT_SETTINGS: Settings = {
  temperature: 0.8,
  topP: 0.95,
  topK: 40,
  repetitionPenalty: 1.1,
  minP: 0,
  presencePenalty: 0,
  frequencyPenalty: 0,
  maxTokens: 200,
  seed: 42,
  fixedSeed: false,
};

export const newSeed = (): number => Math.floor(Math.random() * MAX_SEED);
