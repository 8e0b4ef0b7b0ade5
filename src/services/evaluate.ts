import type { PatternMatcher } from '../core/assertions.ts';
import {
  type CaseResult,
  type EvaluationCase,
  judgeCase,
  judgeSuite,
  needsAnswer,
  type SuiteResult,
  scoredTexts,
} from '../core/evaluation.ts';
import type { Clock } from '../ports/clock.ts';
import type { GenerateRequest, LoadedModel } from '../ports/runtime.ts';

/** Fewer tokens than these are written while the engine of the browser still warms up: their speed would say nothing. */
const WARM_TOKENS = 100;

export interface Evaluated extends SuiteResult {
  /** Of the fastest answer, so that a hiccup of the device does not count; absent when too little was written to tell. */
  readonly decodeTokensPerSecond?: number;
}

/** What a suite asks of a model. */
export type TestedModel = Pick<LoadedModel, 'generate' | 'score'>;

/** Lends a model for one case: the one that answers people is lent between two of their requests. */
export type Lender = <T>(work: (model: TestedModel) => Promise<T>) => Promise<T>;

interface SuiteCall {
  readonly matches: PatternMatcher;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Before each case: how many are done. */
  readonly onCase?: (done: number, total: number) => void;
}

/**
 * Runs a suite, greedily, so that the same model gives the same answers.
 * @throws SillError what the runtime throws
 */
export async function runSuite(
  suite: readonly EvaluationCase[],
  lend: Lender,
  { matches, clock, signal, onCase }: SuiteCall,
): Promise<Evaluated> {
  const cases: CaseResult[] = [];
  let written = 0;
  let decodeTokensPerSecond = 0;
  for (const it of suite) {
    onCase?.(cases.length, suite.length);
    const { answer, tokens, tokensPerSecond } = await lend((model) => answerOf(model, it, clock, signal));
    written += tokens;
    decodeTokensPerSecond = Math.max(decodeTokensPerSecond, tokensPerSecond);
    cases.push(judgeCase(it, answer, matches));
  }
  return { ...judgeSuite(cases), ...(written >= WARM_TOKENS && decodeTokensPerSecond > 0 ? { decodeTokensPerSecond } : {}) };
}

async function answerOf(model: TestedModel, it: EvaluationCase, clock: Clock, signal: AbortSignal) {
  const perplexities: number[] = [];
  for (const text of scoredTexts(it)) perplexities.push(Math.exp((await model.score(text, { signal })).nll));
  if (!needsAnswer(it)) return { answer: { perplexities }, tokens: 0, tokensPerSecond: 0 };
  const startMs = clock.monotonicMs();
  const { text, completionTokens, decodeMs } = await model.generate(greedy(inputOf(it), it.max_tokens), { signal });
  const latencyMs = clock.monotonicMs() - startMs;
  const tokensPerSecond = decodeMs > 0 ? ((completionTokens - 1) / decodeMs) * 1000 : 0;
  return { answer: { perplexities, text, latencyMs }, tokens: completionTokens, tokensPerSecond };
}

const inputOf = ({ prompt, messages }: EvaluationCase): GenerateRequest['input'] =>
  messages ? { kind: 'chat', messages } : { kind: 'text', text: prompt ?? '' };

export const greedy = (input: GenerateRequest['input'], maxTokens: number): GenerateRequest => ({
  input,
  maxTokens,
  temperature: 0,
  topP: 1,
  topK: 0,
  repetitionPenalty: 1,
  seed: 0,
  stop: [],
});
