import { agreementOf } from './assertions.ts';
import type { CaseVerdict, EvaluationCaseResult, EvaluationRun } from './evaluationRun.ts';

/** What became of a case from one run to another. */
export type Change =
  /** Passed before, fails now. */
  | 'lost'
  | 'gained'
  | 'kept'
  | 'failing'
  /** In one of both runs only. */
  | 'alone';

export interface ComparedCase {
  readonly id: string;
  readonly change: Change;
  readonly first?: CaseVerdict;
  readonly second?: CaseVerdict;
}

export interface Retention {
  /** Cases that passed in the first run and were judged in the second. */
  readonly passedBefore: number;
  /** Of these, those that pass there too. */
  readonly retained: number;
  readonly lost: readonly string[];
  readonly gained: readonly string[];
}

/** Case by case, in the order of the second run, those of the first alone at the end. */
export function compareCases(first: Pick<EvaluationRun, 'verdicts'>, second: Pick<EvaluationRun, 'verdicts'>): ComparedCase[] {
  const before = new Map(first.verdicts.map((verdict) => [verdict.id, verdict]));
  const now = second.verdicts.map(({ id, ...verdict }): ComparedCase => {
    const other = before.get(id);
    before.delete(id);
    return { id, change: changeOf(other, verdict), second: { id, ...verdict }, ...(other ? { first: other } : {}) };
  });
  return [...now, ...[...before.values()].map((verdict): ComparedCase => ({ id: verdict.id, change: 'alone', first: verdict }))];
}

/** Each case as the second run has it, those of the first alone at the end. */
export function casesOfBoth<Case extends { readonly asked: { readonly id: string } }>(
  first: readonly Case[],
  second: readonly Case[],
): Case[] {
  const now = new Set(second.map(({ asked }) => asked.id));
  return [...second, ...first.filter(({ asked }) => !now.has(asked.id))];
}

function changeOf(before: Pick<CaseVerdict, 'pass'> | undefined, now: Pick<CaseVerdict, 'pass'>): Change {
  if (!before) return 'alone';
  if (before.pass) return now.pass ? 'kept' : 'lost';
  return now.pass ? 'gained' : 'failing';
}

/** What a run kept of what another one could do. */
export function retentionOf(baseline: Pick<EvaluationRun, 'verdicts'>, run: Pick<EvaluationRun, 'verdicts'>): Retention {
  const cases = compareCases(baseline, run);
  const ids = (change: Change) => cases.filter((it) => it.change === change).map(({ id }) => id);
  const [lost, gained, retained] = [ids('lost'), ids('gained'), ids('kept').length];
  return { passedBefore: retained + lost.length, retained, lost, gained };
}

export interface TokenAgreement {
  /** Share of places with the same likeliest token, 0 to 1. */
  readonly share: number;
  readonly tokens: number;
  /** Texts that both runs scored, cut into the same number of tokens. */
  readonly texts: number;
}

/** How often two runs' models would have gone on with the same token, in the texts that both scored; absent where there are none. */
export function agreementOfRuns(
  first: readonly EvaluationCaseResult[],
  second: readonly EvaluationCaseResult[],
): TokenAgreement | undefined {
  const tops = new Map(first.flatMap(({ texts = [] }) => texts.map(({ text, top }) => [text, top] as const)));
  const seen = new Set<string>();
  let [same, tokens] = [0, 0];
  for (const { text, top } of second.flatMap(({ texts = [] }) => texts)) {
    const share = seen.has(text) ? undefined : agreementOf(tops.get(text) ?? [], top);
    if (share === undefined) continue;
    seen.add(text);
    same += share * top.length;
    tokens += top.length;
  }
  return tokens === 0 ? undefined : { share: same / tokens, tokens, texts: seen.size };
}
