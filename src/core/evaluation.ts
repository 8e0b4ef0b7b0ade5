import * as v from 'valibot';
import { type Answer, type AssertionResult, AssertionSchema, judge, type PatternMatcher } from './assertions.ts';
import { SillError } from './errors.ts';

/** Long enough for an answer to show itself, short enough for a tablet to be through with a suite in a minute. */
const DEFAULT_MAX_TOKENS = 48;
const MAX_CASES = 500;
const prompt = v.pipe(v.string(), v.minLength(1), v.maxLength(100_000));

const CaseSchema = v.pipe(
  v.strictObject({
    id: v.pipe(v.string(), v.minLength(1), v.maxLength(120)),
    prompt: v.exactOptional(prompt),
    messages: v.exactOptional(
      v.pipe(v.array(v.strictObject({ role: v.picklist(['system', 'user', 'assistant']), content: v.string() })), v.minLength(1)),
    ),
    assert: v.pipe(v.array(AssertionSchema), v.minLength(1), v.maxLength(50)),
    /** The weighted share of assertions that must hold; absent means all. */
    threshold: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
    max_tokens: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096)), DEFAULT_MAX_TOKENS),
  }),
  v.check((it) => (it.prompt === undefined) !== (it.messages === undefined), 'has either a prompt or messages'),
  v.check(
    (it) => it.prompt !== undefined || it.assert.every((each) => each.type !== 'perplexity' || each.value !== undefined),
    'a perplexity without value is of the prompt, and there is none',
  ),
);

export type EvaluationCase = v.InferOutput<typeof CaseSchema>;

export interface CaseResult {
  readonly id: string;
  readonly pass: boolean;
  /** Weighted share of the assertions that hold, 0 to 1. */
  readonly score: number;
  readonly asserts: readonly AssertionResult[];
}

export interface SuiteResult {
  readonly pass: boolean;
  /** Mean over the cases, 0 to 1. */
  readonly score: number;
  readonly cases: readonly CaseResult[];
}

/**
 * Reads a suite: JSON Lines, one case a line, empty lines allowed.
 * @throws SillError `invalid_manifest` with the number of the line, since a suite is a part of what a manifest names
 */
export function parseSuite(jsonl: string): EvaluationCase[] {
  const cases: EvaluationCase[] = [];
  const ids = new Set<string>();
  for (const [index, line] of jsonl.split('\n').entries()) {
    if (line.trim() === '') continue;
    const number = index + 1;
    const parsed = v.safeParse(CaseSchema, jsonOf(line, number));
    if (!parsed.success) {
      const [issue] = parsed.issues;
      const where = v.getDotPath(issue);
      throw faulty(number, `${issue.message}${where ? ` (at ${where})` : ''}`);
    }
    if (ids.has(parsed.output.id)) throw faulty(number, `there is a case "${parsed.output.id}" already`);
    ids.add(parsed.output.id);
    cases.push(parsed.output);
    if (cases.length > MAX_CASES) throw faulty(number, `a suite has at most ${MAX_CASES} cases`);
  }
  if (cases.length === 0) throw faulty(1, 'the suite has no case');
  return cases;
}

/** The texts whose perplexity a case asks for, in the order of its assertions. */
export const scoredTexts = (it: EvaluationCase): string[] =>
  it.assert.flatMap((each) => (each.type === 'perplexity' ? [each.value ?? it.prompt ?? ''] : []));

/** True where a case looks at an answer, not at perplexity alone. */
export const needsAnswer = (it: EvaluationCase): boolean => it.assert.some((each) => each.type !== 'perplexity');

export function judgeCase(it: EvaluationCase, answer: Answer, matches: PatternMatcher): CaseResult {
  const perplexities = [...answer.perplexities];
  const asserts = it.assert.map((each) => judge(each, answer, each.type === 'perplexity' ? perplexities.shift() : undefined, matches));
  const weights = asserts.reduce((sum, each) => sum + each.weight, 0);
  const held = asserts.reduce((sum, each) => sum + (each.pass ? each.weight : 0), 0);
  // Nothing but assertions that only inform: nothing can fail.
  const score = weights === 0 ? 1 : held / weights;
  return { id: it.id, pass: score >= (it.threshold ?? 1), score, asserts };
}

export function judgeSuite(cases: readonly CaseResult[]): SuiteResult {
  const score = cases.reduce((sum, each) => sum + each.score, 0) / Math.max(1, cases.length);
  return { pass: cases.every((each) => each.pass), score, cases };
}

function jsonOf(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (reason) {
    throw faulty(number, `is not JSON: ${reason instanceof Error ? reason.message : String(reason)}`);
  }
}

const faulty = (line: number, what: string): SillError =>
  new SillError(
    'invalid_manifest',
    `The evaluation suite has a fault in line ${line}: ${what}. Ask the publisher of the model to mend it.`,
    {
      details: { line },
    },
  );
