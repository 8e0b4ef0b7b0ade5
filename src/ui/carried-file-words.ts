import { msg } from '@lit/localize';
import { CARRIED_FAULTS, CARRIED_KINDS, type CarriedFault, type CarriedKind } from '../core/carriedFile.ts';
import type { ErrorData } from '../core/errors.ts';
import type { ErrorWords } from './errors.ts';

const FOREIGN: Readonly<Record<CarriedKind, () => ErrorWords>> = {
  results: () => ({
    title: msg('This file holds no results of benchmarks'),
    advice: msg('Nothing was changed. Choose one that was saved in Benchmarks, here or on another device, or that llama-bench wrote.'),
  }),
  runs: () => ({
    title: msg('This file holds no results of evaluations'),
    advice: msg('Nothing was changed. Choose one that was saved in Evaluations, here or on another device.'),
  }),
  suite: () => ({
    title: msg('This file holds no suite'),
    advice: msg('Nothing was changed. Choose one with a case in each line, as JSON.'),
  }),
  conversations: () => ({
    title: msg('This file holds no conversations'),
    advice: msg('Nothing was changed. Choose one that was saved in Chat as JSON, here or on another device.'),
  }),
};

const FAULTS: Readonly<Record<Exclude<CarriedFault, 'foreign'>, () => ErrorWords>> = {
  damaged: () => ({
    title: msg('This file is cut off or damaged'),
    advice: msg('Nothing was changed. Save it again where it comes from, and copy it to its end.'),
  }),
  version: () => ({
    title: msg('Another version of the app wrote this file'),
    advice: msg('Nothing was changed. Update the app on both devices, save the file again and choose that one.'),
  }),
  too_large: () => ({
    title: msg('This file is larger than one that can be read'),
    advice: msg('Nothing was changed. Save less in one file.'),
  }),
};

/** A file of a person's that cannot be taken back in; undefined where the request was about something else. */
export function carriedFileWords({ details }: ErrorData): ErrorWords | undefined {
  const kind = CARRIED_KINDS.find((each) => each === details?.file);
  const fault = CARRIED_FAULTS.find((each) => each === details?.fault);
  if (!kind || !fault) return undefined;
  return fault === 'foreign' ? FOREIGN[kind]() : FAULTS[fault]();
}
