import { msg, str } from '@lit/localize';
import type { FileImportProgress, FileInspection, FormSource, ImportSummary } from '../../protocol/importReports.ts';
import { formatBytes, formatList, formatSpeed } from '../format.ts';
import { timeLeftWords } from '../words.ts';

const phaseWords = (phase: FileImportProgress['phase']): string =>
  ({
    waiting: msg('Waiting until another model is rewritten'),
    fetching: msg('Fetching the file'),
    looking: msg('Looking at what is inside'),
    reference: msg('Making the 8-bit form to compare with'),
    transcoding: msg('Rewriting the weights for this device'),
    scoring: msg('Checking how well it foretells a text'),
    activating: msg('Making it ready'),
  })[phase];

/** "Rewriting the weights for this device · 12 MB of 43.6 MB · 3 MB/s · about 11 s left". */
export function importWords({ phase, doneBytes, totalBytes, bytesPerSecond, secondsLeft }: FileImportProgress): string {
  return [
    phaseWords(phase),
    ...(totalBytes > 0 ? [msg(str`${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`)] : []),
    ...(bytesPerSecond === undefined ? [] : [formatSpeed(bytesPerSecond)]),
    ...(secondsLeft === undefined ? [] : [timeLeftWords(secondsLeft)]),
  ].join(' · ');
}

/** 0 to 1; undefined while nobody knows. */
export const importFraction = (progress: FileImportProgress | undefined): number | undefined =>
  progress && progress.totalBytes > 0 ? progress.doneBytes / progress.totalBytes : undefined;

export const sourceWords = (source: FormSource): string =>
  source.kind === 'url' ? source.url : formatList(source.files.map(({ name }) => name));

/** Of one that is not under way: what is here of it, and what it takes to go on. */
export function stoppedWords({ state, goesOn, doneBytes, source }: ImportSummary): string {
  const here =
    state === 'failed'
      ? msg(str`${formatBytes(doneBytes)} of what is made are on the device.`)
      : msg(str`Paused. ${formatBytes(doneBytes)} of what is made are on the device.`);
  if (goesOn === 'permission') return `${here} ${msg(str`To go on, the browser asks whether ${sourceWords(source)} may be read again.`)}`;
  if (goesOn === 'file')
    return `${here} ${msg(str`To go on, choose ${sourceWords(source)} again above: the browser forgets files when a page is closed.`)}`;
  return here;
}

/** What becomes of an import that was begun, when this form of a file is imported; undefined where there is none. */
export function begunWords(
  { unfinished, displaces }: Pick<FileInspection, 'unfinished' | 'displaces'>,
  variant: string | undefined,
): string | undefined {
  if (displaces)
    return msg(
      str`An import of another file of this name was begun (${sourceWords(displaces.source)}): ${formatBytes(displaces.doneBytes)} of it are here, and are given up for this one.`,
    );
  if (!unfinished) return undefined;
  return unfinished.variant === variant
    ? msg(str`An import of this file was begun: ${formatBytes(unfinished.doneBytes)} of it are here, and it goes on from there.`)
    : msg(
        str`An import of this file in another form was begun: ${formatBytes(unfinished.doneBytes)} of it are here, and are given up for this one.`,
      );
}
