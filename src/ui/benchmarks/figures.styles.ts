import { css } from 'lit';

/** A card with a table of figures, which scrolls by itself where it is wider than the card. */
export const figureStyles = css`
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
