import { msg, str } from '@lit/localize';
import type { BudgetReason, RunningModel } from '../../protocol/memoryReports.ts';
import { formatSpan, plural } from '../format.ts';

/** Why models may take so much. */
export const budgetWords = (reason: BudgetReason): string =>
  ({
    device: msg('That is half of what the browser says that the device has.'),
    'unknown-device': msg('The browser does not say how much the device has, so this is a careful guess.'),
    'out-of-memory': msg('Memory ran out of late: for a day it is less than it was.'),
    chosen: msg('This limit was set by hand.'),
  })[reason];

/** What a model in memory does, and when it leaves. */
export function stayWords({ state, under_way, waiting, expires_at }: RunningModel, nowMs: number): string {
  const more = waiting > 0 ? ` ${msg(str`${waiting} wait.`)}` : '';
  if (state === 'waiting') return msg('Waits for room in memory.') + more;
  if (state === 'loading') return msg('Is being loaded.') + more;
  if (under_way > 0) return plural(under_way, msg('Answers a request.'), msg(str`Answers ${under_way} requests.`)) + more;
  if (expires_at === null) return msg('Stays until its room is needed.');
  return msg(str`Leaves in ${formatSpan((Date.parse(expires_at) - nowMs) / 1000)}.`);
}
