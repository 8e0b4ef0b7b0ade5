import type { Answer, Checks, TextScore } from '../../core/assertions.ts';
import {
  type CaseResult,
  type EvaluationCase,
  isTimed,
  judgeCase,
  judgeSuite,
  needsAnswer,
  type SuiteResult,
  scoredTexts,
  wantedMeanings,
} from '../../core/evaluation.ts';
import { dot } from '../../core/similarity.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GenerateRequest } from '../../ports/generation.ts';
import type { EmbedResult, LoadedModel } from '../../ports/runtime.ts';

/** Fewer tokens than these are written while the engine of the browser still warms up: their speed would say nothing. */
const WARM_TOKENS = 100;

export interface Evaluated extends SuiteResult {
  /** Of the fastest answer, so that a hiccup of the device does not count; absent when too little was written to tell. */
  readonly decodeTokensPerSecond?: number;
}

/** What came of a case: the verdict, and what it was reached on. */
export interface Judged {
  readonly asked: EvaluationCase;
  readonly result: CaseResult;
  readonly answer: Answer;
  /** Of the answer; 0 where only texts were scored. */
  readonly completionTokens: number;
  /** So far in this run; absent as in `Evaluated`. */
  readonly decodeTokensPerSecond?: number;
}

/** How far a run of a suite is: what goes on with it needs nothing else. */
export interface SuiteProgress {
  /** Of the first cases, in the order of the suite. */
  readonly cases: readonly CaseResult[];
  /** Tokens of their answers. */
  readonly written: number;
  /** Tokens per second of the fastest of them; 0 where none tells. */
  readonly fastest: number;
}

/** What a suite asks of a model. */
export type TestedModel = Pick<LoadedModel, 'generate' | 'score'>;

/** Lends a model for one case: the one that answers people is lent between two of their requests. */
export type Lender = <T>(work: (model: TestedModel) => Promise<T>) => Promise<T>;

/** Turns texts into vectors of unit length, by whichever model there is for it. */
export type Embed = (texts: readonly string[], signal: AbortSignal) => Promise<Pick<EmbedResult, 'vectors' | 'dimensions'>>;

export interface SuiteCall {
  readonly checks: Checks;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Absent where no model embeds texts: what compares meanings is left unjudged then, and says so. */
  readonly embed?: Embed | undefined;
  /** Before each case: how many are done. */
  readonly onCase?: (done: number, total: number) => void;
  /** After each case. The next one begins when this has settled. */
  readonly onJudged?: (judged: Judged) => Promise<void>;
  /** Of an earlier run of the same suite with the same model: it is gone on with, and what it has judged is not asked again. */
  readonly begun?: SuiteProgress | undefined;
  /** As `onJudged`, with all that there is by then. */
  readonly onProgress?: ((progress: SuiteProgress) => Promise<void>) | undefined;
}

/**
 * Runs a suite, so that the same model gives the same answers: greedily, or with the seed that a case has. The update gate, `sill.evaluations` and the publisher's command line
 * all run it by this.
 * @throws SillError what the runtime throws
 */
export async function runSuite(suite: readonly EvaluationCase[], lend: Lender, call: SuiteCall): Promise<Evaluated> {
  const { checks, clock, signal, embed, onCase, onJudged, onProgress, begun } = call;
  const cases: CaseResult[] = [...(begun?.cases ?? [])];
  let { written, fastest } = begun ?? { written: 0, fastest: 0 };
  const speed = () => (written >= WARM_TOKENS && fastest > 0 ? { decodeTokensPerSecond: fastest } : {});
  for (const asked of suite.slice(cases.length)) {
    onCase?.(cases.length, suite.length);
    const { completionTokens, tokensPerSecond, ...given } = await lend((model) => answerOf(model, asked, clock, signal));
    // Whoever called it off waits for nothing that comes of it any more.
    signal.throwIfAborted();
    const answer = { ...given, ...(await similaritiesOf(given.text ?? '', wantedMeanings(asked), embed, signal)) };
    written += completionTokens;
    fastest = Math.max(fastest, tokensPerSecond);
    const result = judgeCase(asked, answer, checks);
    cases.push(result);
    await onJudged?.({ asked, result, answer, completionTokens, ...speed() });
    await onProgress?.({ cases: [...cases], written, fastest });
  }
  return { ...judgeSuite(cases), ...speed() };
}

async function answerOf(model: TestedModel, it: EvaluationCase, clock: Clock, signal: AbortSignal) {
  const texts = new Map<string, TextScore>();
  for (const text of scoredTexts(it)) texts.set(text, await model.score(text, { signal }));
  if (!needsAnswer(it)) return { texts, completionTokens: 0, tokensPerSecond: 0 };
  const startMs = clock.monotonicMs();
  const request = { ...greedy(inputOf(it), it.max_tokens), ...samplingOf(it), ...(isTimed(it) ? { cachePrompt: false } : {}) };
  const { text, completionTokens, decodeMs } = await model.generate(request, { signal });
  const latencyMs = clock.monotonicMs() - startMs;
  const tokensPerSecond = decodeMs > 0 ? ((completionTokens - 1) / decodeMs) * 1000 : 0;
  return { texts, text, latencyMs, completionTokens, tokensPerSecond };
}

async function similaritiesOf(
  text: string,
  wanted: readonly string[],
  embed: Embed | undefined,
  signal: AbortSignal,
): Promise<Pick<Answer, 'similarities'>> {
  if (wanted.length === 0 || !embed) return {};
  // Nothing has no meaning, and no embedding.
  if (text.trim() === '') return { similarities: new Map(wanted.map((value) => [value, 0])) };
  const { vectors, dimensions } = await embed([text, ...wanted], signal);
  const row = (i: number) => vectors.subarray(i * dimensions, (i + 1) * dimensions);
  return { similarities: new Map(wanted.map((value, i) => [value, dot(row(0), row(i + 1))])) };
}

const inputOf = ({ prompt, messages }: EvaluationCase): GenerateRequest['input'] =>
  messages ? { kind: 'chat', messages } : { kind: 'text', text: prompt ?? '' };

/** Nothing of a greedy case but its penalties. */
const samplingOf = (it: EvaluationCase): Partial<GenerateRequest> => ({
  ...(it.temperature === undefined ? {} : { temperature: it.temperature }),
  ...(it.top_p === undefined ? {} : { topP: it.top_p }),
  ...(it.top_k === undefined ? {} : { topK: it.top_k }),
  ...(it.min_p === undefined ? {} : { minP: it.min_p }),
  ...(it.seed === undefined ? {} : { seed: it.seed }),
  ...(it.presence_penalty === undefined ? {} : { presencePenalty: it.presence_penalty }),
  ...(it.frequency_penalty === undefined ? {} : { frequencyPenalty: it.frequency_penalty }),
});

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
