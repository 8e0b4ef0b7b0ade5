import { css } from 'lit';

export const diskUseStyles = css`
  h2 {
    margin-bottom: var(--sill-space-12);
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
    background: var(--sill-share-1);
  }
  .model.tone-1 {
    background: var(--sill-share-2);
  }
  .model.tone-2 {
    background: var(--sill-share-3);
  }
  .model.tone-3 {
    background: var(--sill-share-4);
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
    background: var(--sill-share-5);
  }
  .rest {
    background: var(--wa-color-neutral-border-normal);
  }
  .quota {
    height: 0.25rem;
    margin-top: var(--sill-space-4);
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
    margin-top: var(--sill-space-8);
  }
  table {
    width: 100%;
    margin-top: var(--sill-space-16);
    border-collapse: collapse;
  }
  th {
    text-align: start;
    font-weight: 400;
  }
  thead th {
    font-size: var(--wa-font-size-s);
    color: var(--wa-color-text-quiet);
    padding-bottom: var(--sill-space-4);
  }
  tbody tr {
    border-top: 1px solid var(--wa-color-surface-border);
  }
  tbody :is(th, td) {
    padding-block: var(--sill-space-8);
    padding-inline-end: 0;
  }
  .number {
    text-align: end;
    padding-inline-start: var(--sill-space-16);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .key {
    display: inline-block;
    width: 0.75rem;
    height: 0.75rem;
    margin-inline: calc(-1 * (var(--sill-space-12) + var(--sill-space-10))) var(--sill-space-10);
    border-radius: 3px;
  }
  tbody th {
    padding-inline-start: calc(var(--sill-space-12) + var(--sill-space-10));
    overflow-wrap: anywhere;
  }
`;
