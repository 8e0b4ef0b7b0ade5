import { css, html } from 'lit';

/** One figure of a `<dl class="metrics">`. */
export const metric = (name: string, value: unknown) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

/** Figures of a result, in a line that wraps. */
export const metricStyles = css`
  .metrics {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 1.5rem;
    padding-top: 0.875rem;
    border-top: 1px solid var(--wa-color-surface-border);
    font-size: var(--wa-font-size-s);
  }
  .metrics dt {
    font-size: 0.8125rem;
    color: var(--wa-color-text-quiet);
  }
  .metrics dd {
    font-variant-numeric: tabular-nums;
    font-weight: 500;
  }
`;
