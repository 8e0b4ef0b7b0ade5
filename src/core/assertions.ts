import { distance } from 'fastest-levenshtein';
import * as v from 'valibot';
import { assertionInEnglish } from './assertionWords.ts';
import { rougeN } from './overlap.ts';
import { isRefusal } from './refusal.ts';

const text = v.pipe(v.string(), v.maxLength(100_000));
/** A share in the score of its case; 0 only informs, as in promptfoo. */
const weight = v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1000)));
const positive = v.pipe(v.number(), v.gtValue(0), v.finite());
const MAX_PATTERN_LENGTH = 1000;
/** Where a suite names none, as in promptfoo. */
const MAX_EDITS = 5;
const MIN_OVERLAP = 0.75;
const MIN_SIMILARITY = 0.75;
/** Ours: promptfoo has nothing like it. */
const MIN_AGREEMENT = 0.9;
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
/** Edits are counted in time that grows with the product of both lengths. */
const MAX_EDITED_CHARS = 10_000;

const PATTERNED =
  'a schema may not have "pattern" or "patternProperties", whose backtracking may take for ever; put a regex assertion beside it';
/** Keywords whose members are names of the schema's author, with a schema each. */
const NAMED_SCHEMAS = new Set(['properties', '$defs', 'definitions', 'dependentSchemas']);
/** Whose values are data. */
const DATA = new Set(['enum', 'const', 'default', 'examples']);

/** A validator matches `pattern` by JavaScript's own engine, which a suite from outside could keep busy for ever. */
function isHarmless(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isHarmless);
  if (typeof schema !== 'object' || schema === null) return true;
  return Object.entries(schema).every(([key, value]: [string, unknown]) => {
    if (DATA.has(key)) return true;
    if (key === 'pattern' || key === 'patternProperties') return false;
    if (NAMED_SCHEMAS.has(key) && typeof value === 'object' && value !== null) return Object.values(value).every(isHarmless);
    return isHarmless(value);
  });
}

/** Named and meant as in promptfoo's assertions. */
export const AssertionSchema = v.variant('type', [
  v.strictObject({ type: v.literal('equals'), value: text, weight }),
  v.strictObject({ type: v.literal('contains'), value: text, weight }),
  v.strictObject({ type: v.literal('icontains'), value: text, weight }),
  v.strictObject({ type: v.literal('starts-with'), value: text, weight }),
  v.strictObject({ type: v.literal('regex'), value: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_PATTERN_LENGTH)), weight }),
  /** `value` is a JSON Schema that the answer has to fit (draft 2020-12); without it any JSON will do. */
  v.strictObject({
    type: v.literal('is-json'),
    value: v.exactOptional(
      v.pipe(
        v.union([v.boolean(), v.record(v.string(), v.unknown())]),
        v.check((schema) => isHarmless(schema), PATTERNED),
      ),
    ),
    weight,
  }),
  /** `threshold` is the most characters that may be put in, left out or replaced. */
  v.strictObject({
    type: v.literal('levenshtein'),
    value: v.pipe(text, v.maxLength(MAX_EDITED_CHARS)),
    threshold: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.finite()), MAX_EDITS),
    weight,
  }),
  /** `threshold` is the lowest overlap in words that passes, 0 to 1. */
  v.strictObject({
    type: v.literal('rouge-n'),
    value: text,
    threshold: v.exactOptional(share, MIN_OVERLAP),
    weight,
  }),
  /** `threshold` is the lowest cosine similarity of both texts' embeddings that passes. */
  v.strictObject({
    type: v.literal('similar'),
    value: v.pipe(text, v.minLength(1)),
    threshold: v.exactOptional(share, MIN_SIMILARITY),
    weight,
  }),
  v.strictObject({ type: v.literal('is-refusal'), weight }),
  /** Of `value`, or of the prompt where there is none; `threshold` is the highest that passes. */
  v.strictObject({ type: v.literal('perplexity'), value: v.exactOptional(text), threshold: positive, weight }),
  /** As perplexity, in a unit that models of different vocabularies have in common. */
  v.strictObject({ type: v.literal('bits-per-byte'), value: v.exactOptional(text), threshold: positive, weight }),
  /**
   * Of `value`, or of the prompt: at how many of its tokens the model's likeliest is the one in `reference`, ids that another variant of it had there
   * (`npm run sill -- evaluate --record` writes them). Without a reference it is recorded, for runs to be held against each other, and not judged.
   */
  v.strictObject({
    type: v.literal('token-agreement'),
    value: v.exactOptional(text),
    reference: v.exactOptional(v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), v.minLength(1), v.maxLength(100_000))),
    threshold: v.exactOptional(share, MIN_AGREEMENT),
    weight,
  }),
  /** `threshold` in milliseconds, of the whole answer. */
  v.strictObject({ type: v.literal('latency'), threshold: positive, weight }),
]);

export type Assertion = v.InferOutput<typeof AssertionSchema>;
export const ASSERTION_TYPES = AssertionSchema.options.map(({ entries }) => entries.type.literal);

/** How a model foretold a text. */
export interface TextScore {
  /** Mean negative log-likelihood of a token, in nats. */
  readonly nll: number;
  /** Tokens that were foretold, and their bytes in UTF-8. */
  readonly tokens: number;
  readonly bytes: number;
  /** The likeliest token in the place of each. */
  readonly top: readonly number[];
}

export const perplexityOf = ({ nll }: Pick<TextScore, 'nll'>): number => Math.exp(nll);

/** What it takes to write the text down with the model's help: another vocabulary cuts it into other tokens, and leaves its bytes as they are. */
export const bitsPerByteOf = ({ nll, tokens, bytes }: Pick<TextScore, 'nll' | 'tokens' | 'bytes'>): number =>
  (nll * tokens) / (bytes * Math.LN2);

/** Share of places with the same likeliest token; absent where the texts were not cut alike. */
export function agreementOf(one: readonly number[], other: readonly number[]): number | undefined {
  if (one.length === 0 || one.length !== other.length) return undefined;
  return one.filter((id, i) => id === other[i]).length / one.length;
}

/** What a model gave for a case, as far as the case's assertions ask. */
export interface Answer {
  readonly text?: string;
  readonly latencyMs?: number;
  /** Of each text that the case has scored. */
  readonly texts?: ReadonlyMap<string, TextScore>;
  /** Cosine of the answer's embedding with that of each wanted text; absent where there is no model that embeds. */
  readonly similarities?: ReadonlyMap<string, number>;
}

export interface AssertionResult {
  readonly type: Assertion['type'];
  readonly pass: boolean;
  readonly weight: number;
  /** 0 to 1, as promptfoo counts it: the measure itself of `similar` and `rouge-n`, all or nothing of the others. Absent in what earlier versions stored. */
  readonly score?: number;
  /** It could not be judged here, and counts for nothing. */
  readonly skipped?: boolean;
  /** In English, for logs and scripts. */
  readonly reason: string;
  /** The same as data; absent in what earlier versions of the app have stored. */
  readonly seen?: Seen;
}

/** What an assertion looked at and what it wanted, long texts cut; worded in `ui/`. */
export interface Seen {
  readonly output?: string;
  readonly wanted?: string;
  readonly measured?: number;
  readonly threshold?: number;
  /** The pattern engine's own words for a pattern that is none, or how an answer does not fit its schema. */
  readonly fault?: string;
}

/**
 * Tells whether a pattern occurs in a text, in time linear in the text. A suite comes from outside: the backtracking of JavaScript's
 * own engine takes for ever on patterns such as `(a+)+$`.
 * @throws for text that is no pattern of the engine
 */
export type PatternMatcher = (pattern: string, text: string) => boolean;

/** What is wrong with a value under a JSON Schema; absent when it fits. @throws for what is no schema */
export type SchemaCheck = (schema: unknown, value: unknown) => string | undefined;

/** What judging takes from outside of `core`. */
export interface Checks {
  readonly matches: PatternMatcher;
  readonly checkSchema: SchemaCheck;
}

/** How much of a text a reason repeats. */
const EXCERPT = 120;
const excerpt = (value: string): string => (value.length > EXCERPT ? `${value.slice(0, EXCERPT)}…` : value);

interface Verdict {
  readonly pass: boolean;
  readonly score?: number;
  readonly skipped?: boolean;
  readonly seen: Seen;
}

/** Judges one assertion. `prompt` is scored where an assertion names no text. */
export function judge(assertion: Assertion, answer: Answer, prompt: string, checks: Checks): AssertionResult {
  const { pass, score = pass ? 1 : 0, skipped, seen } = verdict(assertion, answer, prompt, checks);
  const { type, weight: own = 1 } = assertion;
  return { type, pass, score, weight: own, ...(skipped ? { skipped } : {}), reason: assertionInEnglish(type, pass, seen, skipped), seen };
}

function verdict(assertion: Assertion, answer: Answer, prompt: string, { matches, checkSchema }: Checks): Verdict {
  const output = answer.text ?? '';
  const shown = excerpt(output);
  const wanting = (pass: boolean, value: string): Verdict => ({ pass, seen: { output: shown, wanted: excerpt(value) } });
  // Written so that NaN, which a broken model gives, fails.
  const atMost = (measured: number, threshold: number): Verdict => ({ pass: measured <= threshold, seen: { measured, threshold } });
  const atLeast = (measured: number, threshold: number, value: string): Verdict => ({
    pass: measured >= threshold,
    score: Number.isFinite(measured) ? Math.min(1, Math.max(0, measured)) : 0,
    seen: { output: shown, wanted: excerpt(value), measured, threshold },
  });
  const scored = () => ('value' in assertion && typeof assertion.value === 'string' ? assertion.value : prompt);
  const textScore = () => answer.texts?.get(scored());
  switch (assertion.type) {
    case 'equals':
      return wanting(output === assertion.value, assertion.value);
    case 'contains':
      return wanting(output.includes(assertion.value), assertion.value);
    case 'icontains':
      return wanting(output.toLowerCase().includes(assertion.value.toLowerCase()), assertion.value);
    case 'starts-with':
      return wanting(output.startsWith(assertion.value), assertion.value);
    case 'is-json':
      return jsonVerdict(output, assertion.value, checkSchema);
    case 'regex':
      try {
        return wanting(matches(assertion.value, output), assertion.value);
      } catch (reason) {
        return { pass: false, seen: { wanted: excerpt(assertion.value), fault: wordsOf(reason) } };
      }
    case 'levenshtein': {
      const measured = distance(output.slice(0, MAX_EDITED_CHARS), assertion.value);
      const { threshold } = assertion;
      return { pass: measured <= threshold, seen: { output: shown, wanted: excerpt(assertion.value), measured, threshold } };
    }
    case 'rouge-n':
      return atLeast(rougeN(output, assertion.value), assertion.threshold, assertion.value);
    case 'similar': {
      const { threshold } = assertion;
      if (!answer.similarities) return { pass: true, skipped: true, seen: { wanted: excerpt(assertion.value), threshold } };
      return atLeast(answer.similarities.get(assertion.value) ?? Number.NaN, threshold, assertion.value);
    }
    case 'is-refusal':
      return { pass: isRefusal(output), seen: { output: shown } };
    case 'perplexity':
      return atMost(perplexityOf(textScore() ?? NOTHING), assertion.threshold);
    case 'bits-per-byte':
      return atMost(bitsPerByteOf(textScore() ?? NOTHING), assertion.threshold);
    case 'token-agreement': {
      const { reference, threshold } = assertion;
      if (!reference) return { pass: true, skipped: true, seen: { threshold } };
      const measured = agreementOf(textScore()?.top ?? [], reference);
      if (measured === undefined) return { pass: false, seen: { threshold, fault: 'cut otherwise' } };
      return { pass: measured >= threshold, score: measured, seen: { measured, threshold } };
    }
    case 'latency':
      return atMost(answer.latencyMs ?? Number.NaN, assertion.threshold);
  }
}

const NOTHING: TextScore = { nll: Number.NaN, tokens: 0, bytes: 0, top: [] };

const wordsOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));

function jsonVerdict(output: string, schema: unknown, checkSchema: SchemaCheck): Verdict {
  const shown = excerpt(output);
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    // That it does not parse is the answer.
    return { pass: false, seen: { output: shown } };
  }
  if (schema === undefined) return { pass: true, seen: { output: shown } };
  const wanted = excerpt(JSON.stringify(schema));
  try {
    const fault = checkSchema(schema, value);
    return { pass: fault === undefined, seen: { output: shown, wanted, ...(fault === undefined ? {} : { fault: excerpt(fault) }) } };
  } catch (reason) {
    return { pass: false, seen: { output: shown, wanted, fault: wordsOf(reason) } };
  }
}
