import * as v from 'valibot';
import { type Answer, type Assertion, type AssertionResult, AssertionSchema, type Checks, judge } from './assertions.ts';
import { ANSWER_ENTRIES, type CaseDefaults, DefaultsSchema, isWithoutEffect, undrawn, WITHOUT_EFFECT } from './caseSampling.ts';
import { SillError } from './errors.ts';

const MAX_CASES = 500;
const prompt = v.pipe(v.string(), v.minLength(1), v.maxLength(100_000));

export const CaseSchema = v.pipe(
  v.strictObject({
    id: v.pipe(v.string(), v.minLength(1), v.maxLength(120)),
    prompt: v.exactOptional(prompt),
    messages: v.exactOptional(
      v.pipe(v.array(v.strictObject({ role: v.picklist(['system', 'user', 'assistant']), content: v.string() })), v.minLength(1)),
    ),
    assert: v.pipe(v.array(AssertionSchema), v.minLength(1), v.maxLength(50)),
    /** The weighted mean of the assertions' scores from which on the case passes; absent means that all must hold. */
    threshold: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
    ...ANSWER_ENTRIES,
  }),
  v.check((it) => (it.prompt === undefined) !== (it.messages === undefined), 'has either a prompt or messages'),
  v.check(
    (it) => it.prompt !== undefined || it.assert.every((each) => !isOfText(each) || each.value !== undefined),
    'a perplexity, bits-per-byte or token-agreement without value is of the prompt, and there is none',
  ),
  v.check((it) => !isWithoutEffect(it), WITHOUT_EFFECT),
);

export type EvaluationCase = v.InferOutput<typeof CaseSchema>;

export interface CaseResult {
  readonly id: string;
  readonly pass: boolean;
  /** Weighted mean of the assertions' scores, 0 to 1. */
  readonly score: number;
  readonly asserts: readonly AssertionResult[];
}

export interface SuiteResult {
  readonly pass: boolean;
  /** Mean over the cases, 0 to 1. */
  readonly score: number;
  readonly cases: readonly CaseResult[];
}

/** What is wrong in a line of a suite. */
export interface SuiteFault {
  /** From 1. */
  readonly line: number;
  readonly code: 'not-json' | 'not-a-case' | 'same-id' | 'too-many' | 'empty' | 'not-defaults';
  /** In English, with where it is and what was expected. */
  readonly what: string;
}

/**
 * Reads a suite: JSON Lines, one case a line, empty lines allowed. With each line that is none, and why. Its first line may be
 * `{"defaultTest": {...}}`, as in promptfoo: how answers of cases are drawn that do not say so themselves.
 */
export function readSuite(jsonl: string): { readonly cases: EvaluationCase[]; readonly faults: SuiteFault[] } {
  const cases: EvaluationCase[] = [];
  const faults: SuiteFault[] = [];
  const lines = new Map<string, number>();
  let defaults: CaseDefaults | undefined;
  for (const [index, text] of jsonl
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (text.trim() === '') continue;
    const line = index + 1;
    if (cases.length === MAX_CASES) {
      faults.push({ line, code: 'too-many', what: `a suite has at most ${MAX_CASES} cases; put the rest into another one` });
      break;
    }
    const data = jsonOf(text);
    if ('fault' in data) {
      faults.push({ line, code: 'not-json', what: `it is not JSON: ${data.fault}` });
      continue;
    }
    const given = v.safeParse(DefaultsLineSchema, data.value);
    if (given.success) {
      const read = v.safeParse(DefaultsSchema, given.output.defaultTest);
      const fault = defaultsFault(read, cases.length + faults.length === 0 && defaults === undefined);
      if (fault) faults.push({ line, code: 'not-defaults', what: fault });
      else if (read.success) defaults = read.output;
      continue;
    }
    const parsed = v.safeParse(CaseSchema, withDefaults(data.value, defaults));
    if (!parsed.success) {
      const [issue] = parsed.issues;
      const where = v.getDotPath(issue);
      faults.push({ line, code: 'not-a-case', what: `${issue.message}${where ? ` (at ${where})` : ''}` });
      continue;
    }
    const before = lines.get(parsed.output.id);
    if (before !== undefined) {
      faults.push({ line, code: 'same-id', what: `there is a case "${parsed.output.id}" already, in line ${before}` });
      continue;
    }
    lines.set(parsed.output.id, line);
    cases.push(parsed.output);
  }
  if (cases.length + faults.length === 0) faults.push({ line: 1, code: 'empty', what: 'the suite has no case' });
  return { cases, faults };
}

const DefaultsLineSchema = v.strictObject({ defaultTest: v.unknown() });
const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A case that wants a greedy answer among drawn ones says so by a temperature of 0 alone. */
function withDefaults(data: unknown, defaults: CaseDefaults | undefined): unknown {
  if (!defaults || !isRecord(data)) return data;
  return { ...('temperature' in data && data.temperature === 0 ? undrawn(defaults) : defaults), ...data };
}

function defaultsFault(read: v.SafeParseResult<typeof DefaultsSchema>, isFirst: boolean): string | undefined {
  if (!isFirst) return 'a defaultTest is the first line of a suite, before all cases, and there is one at most';
  if (!read.success) {
    const [issue] = read.issues;
    const where = v.getDotPath(issue);
    return `${issue.message} (at defaultTest${where ? `.${where}` : ''})`;
  }
  return isWithoutEffect(read.output) ? WITHOUT_EFFECT : undefined;
}

/**
 * As `readSuite`, of a suite that has to be whole.
 * @param by whose it is: a publisher's is a part of what a manifest names
 * @throws SillError `invalid_manifest` of a publisher's, `invalid_suite` of a person's, with the number of the line
 */
export function parseSuite(jsonl: string, by: 'publisher' | 'person' = 'publisher'): EvaluationCase[] {
  const { cases, faults } = readSuite(jsonl);
  const [first] = faults;
  if (!first) return cases;
  const { line, what } = first;
  const others = faults.length === 1 ? '' : faults.length === 2 ? ' One more line has one.' : ` ${faults.length - 1} more lines have one.`;
  throw by === 'publisher'
    ? new SillError(
        'invalid_manifest',
        `The evaluation suite has a fault in line ${line}: ${what}. Ask the publisher of the model to mend it.`,
        { details: { line } },
      )
    : new SillError(
        'invalid_suite',
        `The suite has a fault in line ${line}: ${what}.${others} Correct that line and save again; nothing was changed.`,
        { details: { line, what, faults: faults.map((fault) => `${fault.line}: ${fault.what}`).slice(0, 100) } },
      );
}

/** Those that look at how a model foretells a text, not at an answer. */
export const isOfText = (it: Assertion): it is Extract<Assertion, { type: 'perplexity' | 'bits-per-byte' | 'token-agreement' }> =>
  it.type === 'perplexity' || it.type === 'bits-per-byte' || it.type === 'token-agreement';

/** The texts that a case has scored, each once. */
export const scoredTexts = (it: EvaluationCase): string[] => [
  ...new Set(it.assert.flatMap((each) => (isOfText(each) ? [each.value ?? it.prompt ?? ''] : []))),
];

/** The texts that a case holds its answer against by meaning. */
export const wantedMeanings = (it: EvaluationCase): string[] => [
  ...new Set(it.assert.flatMap((each) => (each.type === 'similar' ? [each.value] : []))),
];

/** True where a case looks at an answer, not at texts alone. */
export const needsAnswer = (it: EvaluationCase): boolean => it.assert.some((each) => !isOfText(each));

/** True where the answer's time is judged, which a beginning from the cache would make shorter. */
export const isTimed = (it: EvaluationCase): boolean => it.assert.some(({ type }) => type === 'latency');

/** As promptfoo does: the mean of the scores by weight, held against the case's threshold; without one, all assertions have to hold. */
export function judgeCase(it: EvaluationCase, answer: Answer, checks: Checks): CaseResult {
  const asserts = it.assert.map((each) => judge(each, answer, it.prompt ?? '', checks));
  const counted = asserts.filter(({ skipped, weight }) => !skipped && weight > 0);
  const weights = counted.reduce((sum, { weight }) => sum + weight, 0);
  const sum = counted.reduce((total, { weight, score = 0 }) => total + score * weight, 0);
  // Nothing but assertions that only inform: nothing can fail.
  const score = weights === 0 ? 1 : sum / weights;
  return { id: it.id, pass: it.threshold === undefined ? counted.every(({ pass }) => pass) : score >= it.threshold, score, asserts };
}

export function judgeSuite(cases: readonly CaseResult[]): SuiteResult {
  const score = cases.reduce((sum, each) => sum + each.score, 0) / Math.max(1, cases.length);
  return { pass: cases.every((each) => each.pass), score, cases };
}

function jsonOf(line: string): { readonly value: unknown } | { readonly fault: string } {
  try {
    return { value: JSON.parse(line) };
  } catch (reason) {
    return { fault: reason instanceof Error ? reason.message : String(reason) };
  }
}
