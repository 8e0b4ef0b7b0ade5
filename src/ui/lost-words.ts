import { msg } from '@lit/localize';
import type { ErrorData } from '../core/errors.ts';
import type { LostPart } from '../core/lostPart.ts';
import type { ErrorWords } from './errors.ts';

const WORDS: Readonly<Record<LostPart, () => ErrorWords>> = {
  engine: () => ({
    title: msg('The part of this page that runs the models could not be started'),
    advice: msg('Reload this page. If it happens again, tell the operator of this site; what is installed is safe.'),
  }),
  script: () => ({
    title: msg('A part of this app could not be loaded'),
    advice: msg('Check the connection and reload this page. What is installed is safe.'),
  }),
  stopped: () => ({
    title: msg('The model did not stop when it was told to, and was ended'),
    advice: msg('Try again: it is loaded anew. If it happens often, choose a smaller model or variant.'),
  }),
  download: () => ({
    title: msg('The download was interrupted inside the browser'),
    advice: msg('What was downloaded is kept. Start it again to go on.'),
  }),
  forge: () => ({
    title: msg('Rewriting the model was interrupted inside the browser'),
    advice: msg('What was made is kept, and the next try goes on from there. Closing other tabs first may help.'),
  }),
  tab: () => ({
    title: msg('The tab that answered was closed'),
    advice: msg('Ask again. Another tab takes over, as long as one is open.'),
  }),
};

const isTold = (part: unknown): part is LostPart => typeof part === 'string' && Object.hasOwn(WORDS, part);

/** Words for `worker_lost`, by what its details say of what ended. */
export function lostWords({ details }: Pick<ErrorData, 'details'>): ErrorWords {
  if (isTold(details?.part)) return WORDS[details.part]();
  // A call that must not be done twice was cut off.
  if (typeof details?.method === 'string') {
    return {
      title: msg('The tab that worked on this was closed, or its engine stopped'),
      advice: msg('Look whether it was done, and do it again if it was not.'),
    };
  }
  return {
    title: msg('The model was stopped by the browser'),
    advice: msg('It probably needed too much memory. Close other tabs and try again; nothing installed was harmed.'),
  };
}
