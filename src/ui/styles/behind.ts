import { css } from 'lit';

/** A small table of what is drawn, behind its `<summary>`. */
export const behind = css`
  summary {
    cursor: pointer;
    width: fit-content;
    font-size: 0.8125rem;
    color: var(--wa-color-text-quiet);
  }
  table {
    margin-top: 0.25rem;
    border-collapse: collapse;
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 0.125rem 1.25rem 0.125rem 0;
    font-weight: 400;
    text-align: start;
  }
  thead {
    color: var(--wa-color-text-quiet);
  }
`;
