import { distance } from 'fastest-levenshtein';
import * as v from 'valibot';
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
/** Edits are counted in time that grows with the product of both lengths. */
const MAX_EDITED_CHARS = 10_000;

/** Named and meant as in promptfoo's assertions. */
export const AssertionSchema = v.variant('type', [
  v.strictObject({ type: v.literal('equals'), value: text, weight }),
  v.strictObject({ type: v.literal('contains'), value: text, weight }),
  v.strictObject({ type: v.literal('icontains'), value: text, weight }),
  v.strictObject({ type: v.literal('starts-with'), value: text, weight }),
  v.strictObject({ type: v.literal('regex'), value: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_PATTERN_LENGTH)), weight }),
  v.strictObject({ type: v.literal('is-json'), weight }),
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
    threshold: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), MIN_OVERLAP),
    weight,
  }),
  v.strictObject({ type: v.literal('is-refusal'), weight }),
  /** Of `value`, or of the prompt where there is none; `threshold` is the highest that passes. */
  v.strictObject({ type: v.literal('perplexity'), value: v.exactOptional(text), threshold: positive, weight }),
  /** `threshold` in milliseconds, of the whole answer. */
  v.strictObject({ type: v.literal('latency'), threshold: positive, weight }),
]);

export type Assertion = v.InferOutput<typeof AssertionSchema>;

/** What a model gave for a case, as far as the case's assertions ask. */
export interface Answer {
  readonly text?: string;
  readonly latencyMs?: number;
  /** exp of the mean negative log-likelihood, in the order of the case's perplexity assertions. */
  readonly perplexities: readonly number[];
}

export interface AssertionResult {
  readonly type: Assertion['type'];
  readonly pass: boolean;
  readonly weight: number;
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
  /** The pattern engine's own words for a pattern that is none. */
  readonly fault?: string;
}

/**
 * Tells whether a pattern occurs in a text, in time linear in the text. A suite comes from outside: the backtracking of JavaScript's
 * own engine takes for ever on patterns such as `(a+)+$`.
 * @throws for text that is no pattern of the engine
 */
export type PatternMatcher = (pattern: string, text: string) => boolean;

/** How much of a text a reason repeats. */
const EXCERPT = 120;
const excerpt = (value: string): string => (value.length > EXCERPT ? `${value.slice(0, EXCERPT)}…` : value);

/** Judges one assertion. `perplexity` is the one measured for it. */
export function judge(assertion: Assertion, answer: Answer, perplexity: number | undefined, matches: PatternMatcher): AssertionResult {
  const { pass, seen } = verdict(assertion, answer, perplexity, matches);
  const { type, weight: share = 1 } = assertion;
  return { type, pass, weight: share, reason: inEnglish(type, pass, seen), seen };
}

function verdict(
  assertion: Assertion,
  answer: Answer,
  perplexity: number | undefined,
  matches: PatternMatcher,
): { readonly pass: boolean; readonly seen: Seen } {
  const text = answer.text ?? '';
  const output = excerpt(text);
  const wanting = (pass: boolean, value: string) => ({ pass, seen: { output, wanted: excerpt(value) } });
  // Written so that NaN, which a broken model gives, fails.
  const atMost = (measured: number, threshold: number) => ({ pass: measured <= threshold, seen: { measured, threshold } });
  switch (assertion.type) {
    case 'equals':
      return wanting(text === assertion.value, assertion.value);
    case 'contains':
      return wanting(text.includes(assertion.value), assertion.value);
    case 'icontains':
      return wanting(text.toLowerCase().includes(assertion.value.toLowerCase()), assertion.value);
    case 'starts-with':
      return wanting(text.startsWith(assertion.value), assertion.value);
    case 'is-json':
      return { pass: isJson(text), seen: { output } };
    case 'regex':
      try {
        return wanting(matches(assertion.value, text), assertion.value);
      } catch (reason) {
        const fault = reason instanceof Error ? reason.message : String(reason);
        return { pass: false, seen: { wanted: excerpt(assertion.value), fault } };
      }
    case 'levenshtein': {
      const measured = distance(text.slice(0, MAX_EDITED_CHARS), assertion.value);
      return {
        pass: measured <= assertion.threshold,
        seen: { output, wanted: excerpt(assertion.value), measured, threshold: assertion.threshold },
      };
    }
    case 'rouge-n': {
      const measured = rougeN(text, assertion.value);
      return {
        pass: measured >= assertion.threshold,
        seen: { output, wanted: excerpt(assertion.value), measured, threshold: assertion.threshold },
      };
    }
    case 'is-refusal':
      return { pass: isRefusal(text), seen: { output } };
    case 'perplexity':
      return atMost(perplexity ?? Number.NaN, assertion.threshold);
    case 'latency':
      return atMost(answer.latencyMs ?? Number.NaN, assertion.threshold);
  }
}

function inEnglish(type: Assertion['type'], pass: boolean, { output, wanted, measured = Number.NaN, threshold, fault }: Seen): string {
  if (type === 'perplexity') return `perplexity ${measured.toFixed(3)}, at most ${threshold}`;
  if (type === 'latency') return `answered in ${measured.toFixed(0)} ms, at most ${threshold}`;
  const value = JSON.stringify(wanted);
  if (type === 'levenshtein') return `${JSON.stringify(output)} is ${measured} edits from ${value}, at most ${threshold}`;
  if (type === 'rouge-n') return `${JSON.stringify(output)} overlaps by ${measured.toFixed(2)} with ${value}, at least ${threshold}`;
  if (fault !== undefined) return `${value} is no pattern: ${fault}`;
  const what = {
    equals: `equal ${value}`,
    contains: `contain ${value}`,
    icontains: `contain ${value} in any case`,
    'starts-with': `start with ${value}`,
    'is-json': 'parse as JSON',
    'is-refusal': 'decline',
    regex: `match ${value}`,
  }[type];
  return `${JSON.stringify(output)} ${pass ? 'does' : 'does not'} ${what}`;
}

function isJson(output: string): boolean {
  try {
    JSON.parse(output);
    return true;
  } catch {
    // That it does not parse is the answer.
    return false;
  }
}
