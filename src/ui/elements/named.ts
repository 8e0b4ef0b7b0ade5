import { html, type TemplateResult } from 'lit';

/**
 * The content of a button that says less than its name: "Verify" in the card of a model, "Verify Stories 15M" in a list of all buttons.
 * An `aria-label` on the component's host would not reach the button inside. Needs `.visually-hidden` of the shared styles.
 */
export const named = (text: string | TemplateResult, name: string): TemplateResult =>
  html`<span aria-hidden="true">${text}</span><span class="visually-hidden">${name}</span>`;
