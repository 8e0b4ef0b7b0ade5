import type { Reading } from '../sessions/reading.ts';

/** Of a reader who takes whatever comes, where nobody else waits. */
export const PROMPT_READING: Reading = { give: (take) => take(), late: new AbortController().signal, giveWay: () => undefined };
