import type { AssertionResult } from './assertions.ts';
import { counted } from './counted.ts';
import type { ErrorData } from './errors.ts';

/** What exactly speaks against a revision that was on trial; worded in `ui/`. */
export type GateReason =
  /** Loading or running it failed. */
  | { readonly code: 'error'; readonly error: ErrorData }
  | { readonly code: 'timeout'; readonly seconds: number }
  /** The tab that tested it died, so many times. */
  | { readonly code: 'page-ended'; readonly times: number }
  | { readonly code: 'no-token' | 'scores-no-numbers' | 'vectors-no-numbers' | 'same-vector' | 'hears-nothing' }
  /** Of its suite; `first` is the case that failed first, `failed` what did not hold in it. */
  | {
      readonly code: 'cases-failed';
      readonly count: number;
      readonly total: number;
      readonly first: string;
      readonly failed?: AssertionResult;
    }
  /** Each against the running revision: a suite's score, tokens a second, milliseconds. */
  | { readonly code: 'lower-score' | 'fewer-tokens' | 'longer'; readonly candidate: number; readonly active: number };

/** Why a revision is not used on this device. `why` is absent in what earlier versions of the app have stored. */
export interface Refusal {
  /** In English, for logs and scripts. */
  readonly reason: string;
  readonly why?: GateReason;
}

export const refusalFor = (why: GateReason): Required<Refusal> => ({ reason: inEnglish(why), why });

function inEnglish(why: GateReason): string {
  switch (why.code) {
    case 'error':
      return why.error.message;
    case 'timeout':
      return `It was not through with its test after ${counted(why.seconds, 'second')}.`;
    case 'page-ended':
      return `The page ended ${counted(why.times, 'time')} while this version was tested.`;
    case 'no-token':
      return 'It gave no token.';
    case 'scores-no-numbers':
      return 'Its scores are no numbers.';
    case 'vectors-no-numbers':
      return 'Its vectors are no numbers.';
    case 'same-vector':
      return 'It gives texts of different meaning the same vector.';
    case 'hears-nothing':
      return 'It hears nothing in a clear recording.';
    case 'cases-failed':
      return `It failed ${why.count} of ${counted(why.total, 'case')} of its evaluation suite, the first being "${why.first}": ${why.failed?.reason ?? ''}.`;
    case 'lower-score':
      return `It scores ${why.candidate.toFixed(2)} where the running version scores ${why.active.toFixed(2)}.`;
    case 'fewer-tokens':
      return `It writes ${why.candidate.toFixed(1)} tokens a second where the running version writes ${why.active.toFixed(1)}.`;
    case 'longer':
      return `It takes ${why.candidate.toFixed(0)} ms for what the running version does in ${why.active.toFixed(0)} ms.`;
  }
}
