import type { Reading } from '../sessions/reading.ts';

/** Of a reader who takes whatever comes. */
export const PROMPT_READING: Reading = { give: (take) => take(), late: new AbortController().signal };
