import { msg } from '@lit/localize';
import type { ErrorData } from '../../core/errors.ts';
import type { ErrorWords } from '../errors.ts';

/** What went wrong with an import, where the code alone says other things of models that a publisher offers; undefined for those. */
export function importFaultWords({ code, details }: ErrorData): ErrorWords | undefined {
  if (details?.import === 'running')
    return {
      title: msg('Another model file is being imported'),
      advice: msg('One is made at a time, on the whole device. Wait until it is done, or pause it; it may be in another tab.'),
    };
  if (details?.reason === 'too_much_lost')
    return {
      title: msg('Too much was lost when the weights were rewritten'),
      advice: msg(
        'It foretells a text worse than is accepted, and nothing of it was kept. Choose another form, or another quantisation of the model. What is installed keeps working.',
      ),
    };
  if (details?.reason === 'other_site')
    return {
      title: msg('This address is on another site'),
      advice: msg('Download the file with the browser and choose it here, or have it put on this site. Nothing was changed.'),
    };
  if (details?.reason === 'address')
    return code === 'network_unavailable'
      ? {
          title: msg('The network cannot be reached'),
          advice: msg('What came of the file was given up. Connect and try again; installed models work without a network.'),
        }
      : {
          title: msg('The file cannot be fetched from this address'),
          advice: msg(
            'Check the address; of a file in parts all have to lie there. If it is right, tell the operator of this site. Nothing was changed.',
          ),
        };
  if (code === 'device_lost' && details?.nothingKept === false)
    return {
      title: msg('The graphics processor was taken away while the model was checked on it'),
      advice: msg('What was made is kept: go on with it. If it happens again, cancel the import and choose the form for the processor.'),
    };
  if (code === 'runtime_failed' && details?.nothingKept === true)
    return {
      title: msg('What was made of the file could not be run here'),
      advice: msg('Close other tabs and import it again. If it fails again, choose another form, or another file. Nothing of it was kept.'),
    };
  if (code === 'out_of_memory' && details?.nothingKept === true)
    return {
      title: msg('The device ran out of memory'),
      advice: msg('Close other tabs, unload other models or choose another form, then import the file again. Nothing of it was kept.'),
    };
  return undefined;
}

/** A model file that cannot be imported, by what is wrong with it; undefined where the request was about something else. */
export function fileFaultWords({ details }: ErrorData): ErrorWords | undefined {
  switch (details?.reason) {
    case 'not_gguf':
      return { title: msg('This is no GGUF file'), advice: msg('Choose a language model whose name ends in .gguf. Nothing was changed.') };
    case 'truncated':
      return {
        title: msg('This file was not downloaded to its end'),
        advice: msg('Download it again, and wait until it is complete. Nothing was changed.'),
      };
    case 'malformed':
      return {
        title: msg('This file is damaged'),
        advice: msg('Download it again. If it stays so, ask whoever made it. Nothing was changed.'),
      };
    case 'too_large':
      return {
        title: msg('This file says things that no language model needs'),
        advice: msg('It is damaged, or was made to do harm. Take the model from a place that you trust. Nothing was changed.'),
      };
    case 'unsupported':
      return {
        title: msg('Sill cannot run this kind of model yet'),
        advice: msg('What is missing is named below. Look for another quantisation of the model, or another model. Nothing was changed.'),
      };
    case 'incomplete':
      return { title: msg('A part of this model is missing'), advice: msg('Choose all parts of the file together. Nothing was changed.') };
    case 'several':
      return {
        title: msg('These files are not of one model'),
        advice: msg('Choose one model at a time: one file, or all parts of the same one. Nothing was changed.'),
      };
    case 'unreadable':
      return {
        title: msg('The file cannot be read any more'),
        advice:
          details.url === undefined
            ? msg('It was changed, moved or taken away. Choose it again: what was made of it is kept.')
            : msg('Go on to fetch it again. If another file lies at its address now, cancel the import and begin it anew.'),
      };
    case 'needs_file':
      return {
        title: msg('The file has to be chosen again'),
        advice: msg('The browser forgets files when a page is closed. What was made is kept.'),
      };
    default:
      return undefined;
  }
}
