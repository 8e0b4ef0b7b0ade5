import { css } from 'lit';

export const modelCardStyles = css`
  :host {
    height: 100%;
  }
  article {
    height: 100%;
    display: flex;
    flex-direction: column;
    gap: var(--sill-space-12);
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 var(--sill-space-12);
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
    gap: var(--sill-space-8);
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
    gap: var(--sill-space-2) var(--sill-space-10);
    margin-top: calc(-1 * var(--sill-space-4));
  }
  h2 {
    font-size: var(--wa-font-size-l);
    letter-spacing: -0.01em;
    line-height: 1.3;
  }
  .title code {
    font-size: var(--wa-font-size-s);
  }
  .description {
    overflow-wrap: anywhere;
    color: var(--wa-color-text-quiet);
  }
  dl {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr));
    gap: var(--sill-space-10) var(--sill-space-16);
    padding-block: var(--sill-space-12);
    border-block: 1px solid var(--wa-color-surface-border);
  }
  dt {
    font-size: var(--wa-font-size-s);
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
    gap: var(--sill-space-8);
    font-size: var(--wa-font-size-s);
  }
  .fit wa-icon {
    margin-top: var(--sill-icon-drop);
    font-size: var(--sill-icon-s);
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
    gap: var(--sill-space-6);
    margin-top: var(--sill-space-8);
  }
  details li {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 var(--sill-space-16);
  }
  .why {
    flex-basis: 100%;
  }
  .actions {
    margin-top: auto;
    padding-top: var(--sill-space-4);
  }
`;
