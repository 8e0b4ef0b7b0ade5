import { css, html } from 'lit';
import type { keyCaps } from './shortcuts.ts';

/** Keys as they are engraved; steps follow one another. */
export const caps = (steps: ReturnType<typeof keyCaps>) =>
  html`<span class="caps">${steps.map((keys) => html`<span class="step">${keys.map((key) => html`<kbd>${key}</kbd>`)}</span>`)}</span>`;

export const capStyles = css`
  .caps {
    display: inline-flex;
    gap: var(--sill-space-8);
    white-space: nowrap;
  }
  .step {
    display: inline-flex;
    gap: var(--sill-space-4);
  }
  kbd {
    display: inline-grid;
    place-items: center;
    min-width: 1.5rem;
    padding: 0 var(--sill-space-6);
    border: 1px solid var(--wa-color-neutral-border-normal);
    border-bottom-width: 2px;
    border-radius: var(--wa-border-radius-s);
    background: var(--wa-color-surface-default);
    color: var(--wa-color-text-quiet);
    font-family: inherit;
    font-size: var(--wa-font-size-xs);
    line-height: 1.375rem;
  }
`;
