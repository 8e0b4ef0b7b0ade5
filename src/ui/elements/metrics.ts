import { css, html } from 'lit';

/** One figure of a `<dl class="metrics">`. */
export const metric = (name: string, value: unknown) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

/** Figures of a result, in a line that wraps. */
export const metricStyles = css`
  .metrics {
    display: flex;
    flex-wrap: wrap;
    gap: var(--sill-space-8) var(--sill-space-24);
    padding-top: var(--sill-space-14);
    border-top: 1px solid var(--wa-color-surface-border);
    font-size: var(--wa-font-size-s);
  }
  .metrics dt {
    font-size: var(--wa-font-size-s);
    color: var(--wa-color-text-quiet);
  }
  .metrics dd {
    font-variant-numeric: tabular-nums;
    font-weight: 500;
  }
`;
