import { SillError } from '../../core/errors.ts';
import type { LoadedModel } from '../../ports/runtime.ts';

const refuse = (): Promise<never> => Promise.reject(new SillError('internal', 'not part of this test'));

/** A model that refuses whatever it is asked; a test lays over it what it is about. */
export const refusingModel = (report: LoadedModel['report']): LoadedModel => ({
  report,
  generate: refuse,
  score: refuse,
  measureSinks: refuse,
  time: refuse,
  tokenize: refuse,
  memory: refuse,
  readAhead: refuse,
  beginningOf: refuse,
  exportBeginning: refuse,
  restoreBeginnings: refuse,
  forgetBeginnings: refuse,
  embed: refuse,
  transcribe: refuse,
  run: refuse,
  lost: new Promise(() => undefined),
  unload: () => undefined,
});
