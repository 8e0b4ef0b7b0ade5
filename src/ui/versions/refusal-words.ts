import { msg, str } from '@lit/localize';
import type { AssertionResult } from '../../core/assertions.ts';
import type { GateReason, Refusal } from '../../core/gateReason.ts';
import { errorWords } from '../errors.ts';
import { formatDuration, formatNumber, formatPercent, formatScore, plural } from '../format.ts';

/** Why a version is not used here. What an earlier version of the app has stored is text already, in English. */
export const refusalWords = ({ why, reason = '' }: Partial<Refusal>): string => (why ? gateReasonWords(why) : reason);

function gateReasonWords(why: GateReason): string {
  switch (why.code) {
    case 'error':
      return `${errorWords(why.error).title}.`;
    case 'timeout':
      return msg(str`It was not through with its test after ${formatDuration(why.seconds)}.`);
    case 'page-ended':
      return plural(
        why.times,
        msg('The page ended once while this version was tested.'),
        msg(str`The page ended ${formatNumber(why.times)} times while this version was tested.`),
      );
    case 'no-token':
      return msg('It gave no token.');
    case 'scores-no-numbers':
      return msg('Its scores are no numbers.');
    case 'vectors-no-numbers':
      return msg('Its vectors are no numbers.');
    case 'same-vector':
      return msg('It gives texts of different meaning the same vector.');
    case 'hears-nothing':
      return msg('It hears nothing in a clear recording.');
    case 'cases-failed': {
      const [count, total] = [formatNumber(why.count), formatNumber(why.total)];
      if (why.total === 1)
        return why.failed
          ? msg(str`It failed its one case, “${why.first}”: ${assertionWords(why.failed)}`)
          : msg(str`It failed its one case, “${why.first}”.`);
      return why.failed
        ? msg(str`It failed ${count} of ${total} cases, the first being “${why.first}”: ${assertionWords(why.failed)}`)
        : msg(str`It failed ${count} of ${total} cases, the first being “${why.first}”.`);
    }
    case 'lower-score':
      return msg(str`It scores ${formatScore(why.candidate)} where the running version scores ${formatScore(why.active)}.`);
    case 'fewer-tokens': {
      const [candidate, active] = [formatNumber(why.candidate, 1), formatNumber(why.active, 1)];
      return msg(str`It writes ${candidate} tokens a second where the running version writes ${active}.`);
    }
    case 'longer': {
      const [candidate, active] = [formatDuration(why.candidate / 1000), formatDuration(why.active / 1000)];
      return msg(str`It takes ${candidate} for what the running version does in ${active}.`);
    }
  }
}

/** What did not hold of an answer. */
export function assertionWords({ type, seen, reason }: AssertionResult): string {
  if (!seen) return reason;
  const { output = '', wanted = '', measured = Number.NaN, threshold = Number.NaN, fault } = seen;
  switch (type) {
    case 'equals':
      return msg(str`“${output}” is not “${wanted}”.`);
    case 'contains':
      return msg(str`“${output}” does not contain “${wanted}”.`);
    case 'icontains':
      return msg(str`“${output}” does not contain “${wanted}”, in large or small letters.`);
    case 'starts-with':
      return msg(str`“${output}” does not begin with “${wanted}”.`);
    case 'regex':
      return fault === undefined
        ? msg(str`“${output}” does not match the pattern “${wanted}”.`)
        : msg(str`“${wanted}” is no pattern: ${fault}`);
    case 'is-json':
      return fault === undefined ? msg(str`“${output}” is not JSON.`) : msg(str`“${output}” does not fit its schema: ${fault}`);
    case 'levenshtein':
      return plural(
        measured,
        msg(str`“${output}” is 1 edit from “${wanted}”, allowed are ${formatNumber(threshold)}.`),
        msg(str`“${output}” is ${formatNumber(measured)} edits from “${wanted}”, allowed are ${formatNumber(threshold)}.`),
      );
    case 'rouge-n':
      return msg(str`“${output}” overlaps with “${wanted}” by ${formatScore(measured)}, wanted is ${formatScore(threshold)}.`);
    case 'similar':
      return msg(str`“${output}” is similar to “${wanted}” by ${formatScore(measured)}, wanted is ${formatScore(threshold)}.`);
    case 'is-refusal':
      return msg(str`“${output}” does not decline.`);
    case 'perplexity':
      return msg(str`Its perplexity is ${formatNumber(measured, 3)}, allowed are ${formatNumber(threshold, 3)}.`);
    case 'bits-per-byte':
      return msg(str`It takes ${formatNumber(measured, 3)} bits per byte, allowed are ${formatNumber(threshold, 3)}.`);
    case 'token-agreement':
      return fault === undefined
        ? msg(
            str`Its likeliest token is the reference’s at ${formatPercent(measured)} of the text, wanted are ${formatPercent(threshold)}.`,
          )
        : msg('The reference was recorded with another tokenizer, or of another text.');
    case 'latency':
      return msg(str`It answered after ${formatDuration(measured / 1000)}, allowed are ${formatDuration(threshold / 1000)}.`);
  }
}
