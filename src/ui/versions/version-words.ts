import { msg, str } from '@lit/localize';
import { shortRevision } from '../../core/ids.ts';
import type { HistoryEntry, RevisionDiff, VersionSummary, Withheld } from '../../protocol/updateReports.ts';
import { formatDate, formatPercent } from '../format.ts';
import { refusalWords } from './refusal-words.ts';

export const roleWords = (role: NonNullable<VersionSummary['role']>): string =>
  ({ active: msg('In use'), previous: msg('Before'), candidate: msg('Waiting for its test') })[role];

/** Why a newer version is not offered, and, where it is known, until when. */
export function withheldWords(why: Withheld): string {
  switch (why.kind) {
    case 'quarantined':
      return msg(str`It failed its test on this device: ${refusalWords(why)}`);
    case 'withdrawn':
      return msg(str`Its publisher took it back: ${why.reason}`);
    case 'pinned':
      return msg(str`This model is pinned to ${shortRevision(why.to)}.`);
    case 'channel':
      return msg('It is a beta version; this device takes stable ones.');
    case 'declined':
      return msg('Somebody went back from it on this device.');
    case 'catalog-stale':
      return msg('The list of models is out of date; nothing new is accepted until it is refreshed.');
    case 'licence-changed':
      return msg('It comes under another licence, which a person has to accept.');
    case 'needs-app':
      return msg(str`It needs Sill ${why.minimumRuntime} or later. Reload the page to update the app.`);
    case 'rollout-paused':
      return msg('Its publisher has paused the rollout.');
    case 'rollout':
      return why.expectedAtMs === undefined
        ? msg(str`It goes to ${formatPercent(why.percentage / 100, 2)} of all devices so far; this one is not among them yet.`)
        : msg(
            str`It goes to ${formatPercent(why.percentage / 100, 2)} of all devices so far; it is planned for this one for ${formatDate(why.expectedAtMs)}.`,
          );
  }
}

export const eventWords = (event: HistoryEntry['event']): string =>
  ({
    installed: msg('Installed'),
    staged: msg('Downloaded for its test'),
    activated: msg('In use from then on'),
    rejected: msg('Failed its test, quarantined'),
    'rolled-back': msg('Rolled back to'),
    pinned: msg('Pinned'),
    unpinned: msg('Unpinned'),
    removed: msg('Removed'),
  })[event];

export const changeWords = (change: RevisionDiff['files'][number]['change']): string =>
  ({ added: msg('new'), removed: msg('dropped'), changed: msg('changed'), same: msg('the same') })[change];

/** The publisher's figures are named by the publisher; one is known everywhere. */
export const metricWords = (metric: string): string => (metric === 'nll' ? msg('Loss on a known text, lower is better') : metric);
