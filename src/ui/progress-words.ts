import { msg, str } from '@lit/localize';
import type { InstallProgress } from '../protocol/modelReports.ts';
import { formatBytes, formatSpeed } from './format.ts';
import { phaseWords, timeLeftWords } from './words.ts';

/** 0 to 1; undefined while nobody knows how much there is. */
export function fractionOf(progress: InstallProgress | undefined): number | undefined {
  if (!progress || progress.totalBytes === 0 || progress.phase === 'preparing' || progress.phase === 'activating') return undefined;
  return progress.storedBytes / progress.totalBytes;
}

/** Why nothing moves, as the person sees the network. */
function waitWords(waiting: NonNullable<InstallProgress['waiting']>): string {
  switch (waiting) {
    case 'turn':
      return msg('Waiting for its turn');
    case 'metered':
      return msg('Waiting: this connection may cost');
    case 'network':
      return navigator.onLine ? msg('Waiting for the network') : msg('Offline: goes on by itself when the network is back');
  }
}

/** How far, how fast, how long still: "Downloading · 12 MB of 43.6 MB · 3 MB/s · about 11 s left". */
export function progressWords(progress: InstallProgress | undefined): string {
  if (!progress) return phaseWords('preparing');
  const { phase, waiting, storedBytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
  if (phase === 'preparing' || phase === 'activating') return phaseWords(phase);
  const moves = waiting === undefined;
  return [
    moves ? phaseWords(phase) : waitWords(waiting),
    ...(totalBytes > 0 ? [msg(str`${formatBytes(storedBytes)} of ${formatBytes(totalBytes)}`)] : []),
    ...(moves && bytesPerSecond !== undefined ? [formatSpeed(bytesPerSecond)] : []),
    ...(moves && secondsLeft !== undefined ? [timeLeftWords(secondsLeft)] : []),
  ].join(' · ');
}
