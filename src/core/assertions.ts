import * as v from 'valibot';

const text = v.pipe(v.string(), v.maxLength(100_000));
/** A share in the score of its case; 0 only informs, as in promptfoo. */
const weight = v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1000)));
const positive = v.pipe(v.number(), v.gtValue(0), v.finite());
const MAX_PATTERN_LENGTH = 1000;

/** Named and meant as in promptfoo's assertions. */
export const AssertionSchema = v.variant('type', [
  v.strictObject({ type: v.literal('equals'), value: text, weight }),
  v.strictObject({ type: v.literal('contains'), value: text, weight }),
  v.strictObject({ type: v.literal('icontains'), value: text, weight }),
  v.strictObject({ type: v.literal('starts-with'), value: text, weight }),
  v.strictObject({ type: v.literal('regex'), value: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_PATTERN_LENGTH)), weight }),
  v.strictObject({ type: v.literal('is-json'), weight }),
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
  readonly reason: string;
}

/**
 * Tells whether a pattern occurs in a text, in time linear in the text. A suite comes from outside: the backtracking of JavaScript's
 * own engine takes for ever on patterns such as `(a+)+$`.
 * @throws for text that is no pattern of the engine
 */
export type PatternMatcher = (pattern: string, text: string) => boolean;

/** How much of a text a reason repeats. */
const EXCERPT = 120;
const quoted = (value: string): string => JSON.stringify(value.length > EXCERPT ? `${value.slice(0, EXCERPT)}…` : value);

/** Judges one assertion. `perplexity` is the one measured for it. */
export function judge(assertion: Assertion, answer: Answer, perplexity: number | undefined, matches: PatternMatcher): AssertionResult {
  const [pass, reason] = verdict(assertion, answer, perplexity, matches);
  return { type: assertion.type, pass, weight: assertion.weight ?? 1, reason };
}

function verdict(assertion: Assertion, answer: Answer, perplexity: number | undefined, matches: PatternMatcher): [boolean, string] {
  const output = answer.text ?? '';
  const wording = (pass: boolean, what: string): [boolean, string] => [pass, `${quoted(output)} ${pass ? 'does' : 'does not'} ${what}`];
  switch (assertion.type) {
    case 'equals':
      return wording(output === assertion.value, `equal ${quoted(assertion.value)}`);
    case 'contains':
      return wording(output.includes(assertion.value), `contain ${quoted(assertion.value)}`);
    case 'icontains':
      return wording(output.toLowerCase().includes(assertion.value.toLowerCase()), `contain ${quoted(assertion.value)} in any case`);
    case 'starts-with':
      return wording(output.startsWith(assertion.value), `start with ${quoted(assertion.value)}`);
    case 'is-json':
      return wording(isJson(output), 'parse as JSON');
    case 'regex':
      try {
        return wording(matches(assertion.value, output), `match ${quoted(assertion.value)}`);
      } catch (reason) {
        return [false, `${quoted(assertion.value)} is no pattern: ${reason instanceof Error ? reason.message : String(reason)}`];
      }
    case 'perplexity': {
      const measured = perplexity ?? Number.NaN;
      // Written so that NaN, which a broken model gives, fails.
      return [measured <= assertion.threshold, `perplexity ${measured.toFixed(3)}, at most ${assertion.threshold}`];
    }
    case 'latency': {
      const measured = answer.latencyMs ?? Number.NaN;
      return [measured <= assertion.threshold, `answered in ${measured.toFixed(0)} ms, at most ${assertion.threshold}`];
    }
  }
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
