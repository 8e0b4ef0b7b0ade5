import { SillError } from '../../core/errors.ts';

/** What is wrong with a file, for who handles the error by its `details.reason`. */
export type GgufFault = 'not_gguf' | 'truncated' | 'malformed' | 'too_large' | 'unsupported' | 'incomplete' | 'several';

const ADVICE: Readonly<Record<GgufFault, string>> = {
  not_gguf: 'Choose a file that ends in .gguf.',
  truncated: 'Download it again, to the end.',
  malformed: 'Download it again; if it stays so, ask whoever made it.',
  too_large: 'A file like this is not one of a language model that Sill can run.',
  unsupported: 'Look for another quantisation of the model, or another model.',
  incomplete: 'Choose all of its parts together.',
  several: 'Choose one model at a time: one file, or all parts of the same one.',
};

/** @param why completes "This GGUF file cannot be used: ..." */
export const refused = (fault: GgufFault, why: string): SillError =>
  new SillError('invalid_request', `This GGUF file cannot be used: ${why}. ${ADVICE[fault]} Nothing was changed.`, {
    details: { reason: fault },
  });
