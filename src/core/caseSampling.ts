import * as v from 'valibot';

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const penalty = v.pipe(v.number(), v.minValue(-2), v.maxValue(2));

/** Long enough for an answer to show itself, short enough for a tablet to be through with a suite in a minute. */
export const DEFAULT_MAX_TOKENS = 48;

/** How an answer is drawn, by OpenAI's names, which promptfoo's providers have as well. Without a temperature it is greedy. */
export const SAMPLING_ENTRIES = {
  temperature: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(2))),
  top_p: v.exactOptional(share),
  top_k: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  min_p: v.exactOptional(share),
  seed: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 1))),
  presence_penalty: v.exactOptional(penalty),
  frequency_penalty: v.exactOptional(penalty),
};

const maxTokens = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096));
export const ANSWER_ENTRIES = { ...SAMPLING_ENTRIES, max_tokens: v.exactOptional(maxTokens, DEFAULT_MAX_TOKENS) };

/** What a suite's line `{"defaultTest": ...}` may set for all cases. */
export const DefaultsSchema = v.strictObject({ ...SAMPLING_ENTRIES, max_tokens: v.exactOptional(maxTokens) });
export type CaseDefaults = v.InferOutput<typeof DefaultsSchema>;

export type CaseSampling = Omit<CaseDefaults, 'max_tokens'>;

/** An answer is drawn, and not the likeliest token each time. */
export const isSampled = ({ temperature = 0 }: CaseSampling): boolean => temperature > 0;

/** Whoever asks for these means something by it: under a temperature of 0 they would do nothing, and nobody would know. */
export const isWithoutEffect = (it: CaseSampling): boolean =>
  !isSampled(it) && [it.top_p, it.top_k, it.min_p, it.seed].some((each) => each !== undefined);

/** Of defaults what holds for a greedy answer as well. */
export const undrawn = ({ temperature, top_p, top_k, min_p, seed, ...rest }: CaseDefaults): CaseDefaults => rest;

export const WITHOUT_EFFECT =
  'seed, top_p, top_k and min_p choose among tokens only with a temperature above 0: give one, or leave them out for a greedy answer';
