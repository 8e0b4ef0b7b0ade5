import type { SillError } from '../../core/errors.ts';

/** Tells the kiosk around how an answer went: what keeps failing is not the person's to read about. */
export const reportAnswer = (from: HTMLElement, error: SillError | undefined): void => {
  from.dispatchEvent(new CustomEvent('sill-kiosk-answer', { detail: error, bubbles: true, composed: true }));
};
