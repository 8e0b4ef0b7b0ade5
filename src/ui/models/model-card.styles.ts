import { css } from 'lit';

export const modelCardStyles = css`
  :host {
    height: 100%;
  }
  article {
    height: 100%;
    display: flex;
    flex-direction: column;
    gap: 0.75rem;
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 0.75rem;
  }
  .here {
    color: var(--wa-color-text-quiet);
  }
  .here wa-icon {
    color: var(--wa-color-success-on-quiet);
  }
  .task,
  .here {
    display: flex;
    align-items: center;
    gap: 0.4375rem;
    font-size: var(--wa-font-size-s);
  }
  .task {
    font-weight: 500;
    color: var(--sill-accent);
  }
  .title {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0.125rem 0.625rem;
    margin-top: -0.25rem;
  }
  h2 {
    font-size: 1.1875rem;
    letter-spacing: -0.01em;
    line-height: 1.3;
  }
  .title code {
    font-size: 0.8125rem;
  }
  .description {
    overflow-wrap: anywhere;
    color: var(--wa-color-text-quiet);
  }
  dl {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr));
    gap: 0.625rem 1rem;
    padding-block: 0.75rem;
    border-block: 1px solid var(--wa-color-surface-border);
  }
  dt {
    font-size: 0.8125rem;
    color: var(--wa-color-text-quiet);
  }
  dd {
    font-weight: 500;
    font-variant-numeric: tabular-nums;
    overflow-wrap: anywhere;
  }
  .fit {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.5rem;
    font-size: var(--wa-font-size-s);
  }
  .fit wa-icon {
    margin-top: 0.1875rem;
    font-size: 1rem;
  }
  .fits wa-icon {
    color: var(--wa-color-success-on-quiet);
  }
  .tight wa-icon {
    color: var(--wa-color-warning-on-quiet);
  }
  .no wa-icon {
    color: var(--wa-color-danger-on-quiet);
  }
  .reasons {
    display: block;
    color: var(--wa-color-text-quiet);
  }
  details {
    font-size: var(--wa-font-size-s);
  }
  summary {
    cursor: pointer;
    width: fit-content;
    color: var(--wa-color-text-quiet);
  }
  details ul {
    display: grid;
    gap: 0.375rem;
    margin-top: 0.5rem;
  }
  details li {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 1rem;
  }
  .why {
    flex-basis: 100%;
  }
  .actions {
    margin-top: auto;
    padding-top: 0.25rem;
  }
`;
