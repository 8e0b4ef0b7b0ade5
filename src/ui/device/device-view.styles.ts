import { css } from 'lit';

export const deviceViewStyles = css`
  .item {
    display: grid;
    grid-template-columns: 15rem minmax(0, 1fr);
    gap: var(--sill-space-4) var(--sill-space-24);
    padding-block: var(--sill-space-12);
  }
  .item + .item {
    border-top: 1px solid var(--wa-color-surface-border);
  }
  .item:last-child {
    padding-bottom: 0;
  }
  dt {
    color: var(--wa-color-text-quiet);
  }
  .item dt {
    display: flex;
    align-items: baseline;
    gap: var(--sill-space-10);
  }
  dt wa-icon {
    flex: none;
    font-size: var(--sill-icon-m);
    translate: 0 0.15rem;
  }
  .good wa-icon {
    color: var(--wa-color-success-on-quiet);
  }
  .limited wa-icon {
    color: var(--wa-color-warning-on-quiet);
  }
  .missing wa-icon {
    color: var(--wa-color-danger-on-quiet);
  }
  .value {
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    overflow-wrap: anywhere;
  }
  .meaning {
    max-width: 42rem;
    color: var(--wa-color-text-quiet);
  }
  .ask {
    margin-top: var(--sill-space-8);
  }
  .choice {
    margin-block: var(--sill-space-12) var(--sill-space-6);
    font-size: inherit;
  }
  .facts {
    margin-top: var(--sill-space-12);
  }
  summary {
    cursor: pointer;
  }
  @media (max-width: 40rem) {
    .item {
      grid-template-columns: minmax(0, 1fr);
    }
    .item dd {
      padding-inline-start: calc(var(--sill-icon-m) + var(--sill-space-10));
    }
  }
`;
