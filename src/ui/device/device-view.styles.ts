import { css } from 'lit';

export const deviceViewStyles = css`
  .item {
    display: grid;
    grid-template-columns: 15rem minmax(0, 1fr);
    gap: 0.25rem 1.5rem;
    padding-block: 0.75rem;
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
    gap: 0.625rem;
  }
  dt wa-icon {
    flex: none;
    font-size: 1.0625rem;
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
    margin-top: 0.5rem;
  }
  .choice {
    margin-block: 0.75rem 0.375rem;
    font-size: inherit;
  }
  .facts {
    margin-top: 0.75rem;
  }
  summary {
    cursor: pointer;
  }
  @media (max-width: 40rem) {
    .item {
      grid-template-columns: minmax(0, 1fr);
    }
    .item dd {
      padding-inline-start: 1.6875rem;
    }
  }
`;
