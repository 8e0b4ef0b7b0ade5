import { css } from 'lit';

/** A table of figures, as wide as these are. */
export const figureTable = css`
  table {
    border-collapse: collapse;
    font-size: var(--wa-font-size-s);
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 0.375rem 1rem 0.375rem 0;
    font-weight: 400;
    text-align: start;
  }
  thead {
    color: var(--wa-color-text-quiet);
    font-size: 0.8125rem;
  }
`;

/** A card with such a table, which scrolls by itself where it is wider than the card. */
export const figureStyles = [
  figureTable,
  css`
    .card {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: 1rem;
    }
    .wide {
      /* What is hidden from sight stands in the corner of this, not of the page, which would grow by it. */
      position: relative;
      overflow-x: auto;
    }
    table {
      width: 100%;
    }
  `,
];

/** A small one of what is drawn, behind its `<summary>`. */
export const behind = [
  figureTable,
  css`
    summary {
      cursor: pointer;
      width: fit-content;
      font-size: 0.8125rem;
      color: var(--wa-color-text-quiet);
    }
    table {
      margin-top: 0.25rem;
      font-size: 0.8125rem;
    }
    th,
    td {
      padding: 0.125rem 1.25rem 0.125rem 0;
    }
  `,
];
