import { css } from 'lit';

export const diskUseStyles = css`
  h2 {
    margin-bottom: 0.75rem;
  }
  .bar {
    display: flex;
    gap: 2px;
    height: 0.875rem;
    border-radius: var(--wa-border-radius-pill);
    overflow: hidden;
  }
  .bar,
  .quota,
  .key {
    forced-color-adjust: none;
  }
  .bar span {
    min-width: 3px;
    flex-basis: 0;
  }
  .model.tone-0 {
    background: var(--wa-color-brand-50);
  }
  .model.tone-1 {
    background: #c98a2b;
  }
  .model.tone-2 {
    background: #5b77b8;
  }
  .model.tone-3 {
    background: #a3586d;
  }
  .unfinished {
    background: repeating-linear-gradient(
      135deg,
      var(--wa-color-neutral-border-loud) 0 3px,
      var(--wa-color-neutral-fill-normal) 3px 6px
    );
  }
  .shared {
    background: var(--wa-color-brand-fill-loud);
    opacity: 0.45;
  }
  .runtime {
    background: color-mix(in oklab, var(--wa-color-neutral-border-loud) 60%, var(--wa-color-text-normal));
  }
  .app {
    background: var(--wa-color-neutral-border-loud);
  }
  .documents {
    background: #6d8fb3;
  }
  .rest {
    background: var(--wa-color-neutral-border-normal);
  }
  .quota {
    height: 0.25rem;
    margin-top: 0.25rem;
    border-radius: var(--wa-border-radius-pill);
    background: var(--wa-color-neutral-fill-quiet);
    overflow: hidden;
  }
  .quota span {
    display: block;
    height: 100%;
    min-width: 2px;
    background: var(--sill-control);
  }
  figcaption {
    margin-top: 0.5rem;
  }
  table {
    width: 100%;
    margin-top: 1rem;
    border-collapse: collapse;
  }
  th {
    text-align: start;
    font-weight: 400;
  }
  thead th {
    font-size: 0.8125rem;
    color: var(--wa-color-text-quiet);
    padding-bottom: 0.25rem;
  }
  tbody tr {
    border-top: 1px solid var(--wa-color-surface-border);
  }
  tbody :is(th, td) {
    padding-block: 0.5rem;
    padding-inline-end: 0;
  }
  .number {
    text-align: end;
    padding-inline-start: 1rem;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .key {
    display: inline-block;
    width: 0.75rem;
    height: 0.75rem;
    margin-inline: -1.375rem 0.625rem;
    border-radius: 3px;
  }
  tbody th {
    padding-inline-start: 1.375rem;
    overflow-wrap: anywhere;
  }
`;
