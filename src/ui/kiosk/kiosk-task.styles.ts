import { css } from 'lit';

/** A task's element: what a person does stands above what comes of it, which scrolls by itself. */
export const kioskTask = css`
  :host {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr);
    gap: 1em;
    height: 100%;
  }
  .outcome {
    overflow-y: auto;
    overscroll-behavior: contain;
    border-radius: var(--sill-radius);
  }
  .ask {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0.75em;
    align-items: end;
  }
`;
