import { msg, str } from '@lit/localize';
import type { AssertionResult } from '../../core/assertions.ts';
import type { CaseSampling } from '../../core/caseSampling.ts';
import type { SuiteFault } from '../../core/evaluation.ts';
import type { Change } from '../../core/evaluationComparison.ts';
import { type EvaluationRun, passedOf, type RunState } from '../../core/evaluationRun.ts';
import { suiteModel } from '../../core/ownSuite.ts';
import type { EvaluationProgress } from '../../protocol/evaluations.ts';
import { formatList, formatNumber, formatPercent, plural } from '../format.ts';

export const runStateWords = (state: RunState): string =>
  ({
    running: msg('running'),
    complete: msg('complete'),
    stopped: msg('paused'),
    failed: msg('failed'),
    interrupted: msg('interrupted'),
  })[state];

export const changeWords = (change: Change): string =>
  ({
    lost: msg('passed, fails now'),
    gained: msg('failed, passes now'),
    kept: msg('passes in both'),
    failing: msg('fails in both'),
    alone: msg('in one of both only'),
  })[change];

export const phaseWords = ({ phase, caseId }: EvaluationProgress): string => {
  if (phase === 'waiting') return msg('Waiting for requests that go first');
  if (phase === 'loading') return msg('Loading this version beside the running one');
  return caseId === undefined ? msg('Judging') : msg(str`Case “${caseId}”`);
};

/** Of a publisher's the name of the model. */
export function suiteName(id: string, names: ReadonlyMap<string, string>): string {
  const model = suiteModel(id);
  return model === undefined ? id : msg(str`From the publisher of ${names.get(model) ?? model}`);
}

export const caseCount = (count: number): string => plural(count, msg('1 case'), msg(str`${formatNumber(count)} cases`));

/** 7 of 8 cases, 88 %. */
export const passedWords = (run: Pick<EvaluationRun, 'verdicts'>): string => {
  const [passed, total] = [passedOf(run), run.verdicts.length];
  return total === 0 ? msg('none') : msg(str`${formatNumber(passed)} of ${formatNumber(total)} (${formatPercent(passed / total)})`);
};

/** As the words begin that core has for such a line. */
const NOT_JSON = /^it is not JSON: /;

export const faultWords = ({ code, what }: SuiteFault): string =>
  ({
    'not-json': msg(str`This is not JSON. Each line is one case in braces, with straight quotes. (${what.replace(NOT_JSON, '')})`),
    'not-a-case': msg(str`This is no case: ${what}`),
    'same-id': msg(str`Give this case another id: ${what}`),
    'too-many': msg(str`This is more than a suite can hold: ${what}`),
    'not-defaults': msg(str`These are no defaults: ${what}`),
    empty: msg('Write at least one case.'),
  })[code];

/** How an answer was drawn, by the names that a case has for it. */
export function samplingWords({ temperature, top_p, top_k, min_p, seed = 0, presence_penalty, frequency_penalty }: CaseSampling): string {
  const said = Object.entries({ temperature, top_p, top_k, min_p, presence_penalty, frequency_penalty, seed })
    .filter(([, value]) => value !== undefined)
    .map(([name, value = 0]) => `${name} ${name === 'seed' ? value : formatNumber(value, 3)}`);
  return msg(str`Drawn with ${formatList(said)}.`);
}

/** What an assertion has found that holds, or whose texts are drawn beside it. */
export function heldWords({ type, seen, skipped }: AssertionResult, isDrawn = false): string {
  if (skipped) return type === 'similar' ? msg('not judged') : msg('recorded, to be held against other runs');
  const { wanted, measured, threshold } = seen ?? {};
  if (measured !== undefined && threshold !== undefined) {
    const digits = type === 'latency' ? 0 : 3;
    return msg(str`${formatNumber(measured, digits)}, threshold ${formatNumber(threshold, digits)}`);
  }
  return wanted === undefined || isDrawn ? '' : `“${wanted}”`;
}
