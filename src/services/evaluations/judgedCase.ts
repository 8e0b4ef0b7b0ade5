import type { AssertionResult } from '../../core/assertions.ts';
import { type EvaluationCaseResult, KEPT_OUTPUT_CHARS, RUN_SCHEMA } from '../../core/evaluationRun.ts';
import type { Judged } from './evaluate.ts';

/** What is kept of a judged case. Figures that are no numbers, which a broken model gives, have failed it already and are left out. */
export function caseRow(run: string, index: number, { asked, result, answer, completionTokens }: Judged): EvaluationCaseResult {
  const { text, latencyMs, texts = new Map() } = answer;
  const scored = [...texts]
    .filter(([, { nll }]) => Number.isFinite(nll))
    .map(([of, { nll, tokens, bytes, top }]) => ({ text: of, nll, tokens, bytes, top: [...top] }));
  return {
    ...{ schema: RUN_SCHEMA, run, index, asked, pass: result.pass, score: result.score },
    asserts: result.asserts.map(finite),
    ...(text === undefined ? {} : { output: text.slice(0, KEPT_OUTPUT_CHARS), completionTokens }),
    ...(latencyMs === undefined ? {} : { latencyMs: Math.max(0, latencyMs) }),
    ...(scored.length > 0 ? { texts: scored } : {}),
  };
}

function finite({ seen, ...result }: AssertionResult): AssertionResult {
  if (!seen) return result;
  const { measured, ...rest } = seen;
  return { ...result, seen: { ...rest, ...(measured !== undefined && Number.isFinite(measured) ? { measured } : {}) } };
}
