import { msg } from '@lit/localize';

/** Of an answer that went well and says nothing. */
export const wordlessWords = (): string => msg('The model ended its answer without a word.');
