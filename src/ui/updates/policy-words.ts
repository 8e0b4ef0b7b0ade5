import { msg, str } from '@lit/localize';
import type { UpdatePolicy, WaitReason } from '../../protocol/updateReports.ts';
import { formatList, formatSpan } from '../format.ts';
import { currentLocale } from '../locale.ts';

export const modeWords = (mode: UpdatePolicy['mode']): string =>
  ({
    off: msg('Nothing'),
    notify: msg('Look and tell'),
    idle: msg('Update when nobody is here'),
    window: msg('Update at certain hours'),
  })[mode];

export const modeHint = (mode: UpdatePolicy['mode']): string =>
  ({
    off: msg('It does not even look. You can look by hand at any time.'),
    notify: msg('It looks every hour and shows what is offered. Nothing is downloaded until somebody says so.'),
    idle: msg('For a device that nobody watches: what is offered is fetched, tested and put in place between two requests.'),
    window: msg('The same, within hours of the local time only.'),
  })[mode];

/** 0 is Sunday. */
export const weekdayWords = (day: number): string =>
  // The first of January 2023 was a Sunday.
  new Intl.DateTimeFormat(currentLocale(), { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2023, 0, 1 + day));

/** Why nothing is put in place at this moment. */
export function waitWords(reason: WaitReason): string {
  switch (reason.kind) {
    case 'policy-off':
      return msg('This device does not look for updates by itself.');
    case 'policy-notify':
      return msg('What is offered waits for you.');
    case 'not-idle':
      return msg(str`What is offered waits until nobody has asked a model for anything for ${formatSpan(reason.idleMinutes * 60)}.`);
    case 'outside-window':
      return msg(str`What is offered waits for ${reason.from} to ${reason.to} (${formatList(reason.days.map(weekdayWords))}).`);
  }
}
