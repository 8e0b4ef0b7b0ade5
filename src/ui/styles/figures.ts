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
    padding: var(--sill-space-6) var(--sill-space-16) var(--sill-space-6) 0;
    font-weight: 400;
    text-align: start;
  }
  thead {
    color: var(--wa-color-text-quiet);
    font-size: var(--wa-font-size-s);
  }
`;

/** A card with such a table, which scrolls by itself where it is wider than the card. */
export const figureStyles = [
  figureTable,
  css`
    .card {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: var(--sill-space-16);
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
      font-size: var(--wa-font-size-s);
      color: var(--wa-color-text-quiet);
    }
    table {
      margin-top: var(--sill-space-4);
      font-size: var(--wa-font-size-s);
    }
    th,
    td {
      padding: var(--sill-space-2) var(--sill-space-20) var(--sill-space-2) 0;
    }
  `,
];
