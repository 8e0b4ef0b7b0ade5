import { css } from 'lit';

/** A table of thousands of rows within a part of the page that scrolls, beside `VirtualRows`, and what it is searched with above it. */
export const longTable = css`
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: var(--sill-space-12) var(--sill-space-16);
  }
  .tools .field {
    flex: 1 1 14rem;
    max-width: 24rem;
  }
  .scroll {
    max-height: calc(44px * 15);
    overflow: auto;
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--sill-radius);
    background: var(--wa-color-surface-default);
    /* What scrolls in here is drawn in here. */
    contain: content;
  }
  /* Fixed, so that columns do not jump when other rows come into sight. */
  table {
    table-layout: fixed;
    width: 100%;
    border-collapse: separate;
    border-spacing: 0;
    font-size: var(--wa-font-size-s);
    font-variant-numeric: tabular-nums;
  }
  thead th {
    position: sticky;
    top: 0;
    z-index: 1;
    background: var(--wa-color-surface-lowered);
    color: var(--wa-color-text-quiet);
    font-size: var(--wa-font-size-s);
  }
  th,
  td {
    height: 44px;
    padding: 0 var(--sill-space-12) 0 0;
    font-weight: 400;
    text-align: start;
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
    border-bottom: 1px solid var(--wa-color-surface-border);
  }
  :is(th, td):first-child {
    padding-inline-start: var(--sill-space-16);
  }
  :is(th, td):last-child {
    padding-inline-end: var(--sill-space-16);
  }
  .number {
    text-align: end;
  }
  .space td {
    padding: 0;
    border: 0;
    height: auto;
  }
  .current {
    background: var(--sill-mark);
  }
  @media (forced-colors: active) {
    .current {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
`;
