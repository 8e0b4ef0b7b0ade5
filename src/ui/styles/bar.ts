import { css } from 'lit';

/** A line over the view, with something to do about it. Its colour says how much it matters. */
export const bar = css`
  :host {
    max-width: 72rem;
    margin-bottom: var(--sill-space-20);
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--sill-space-8) var(--sill-space-16);
    padding: var(--sill-space-10) var(--sill-space-12) var(--sill-space-10) var(--sill-space-16);
    border-radius: var(--sill-radius);
    color: var(--wa-color-text-normal);
  }
  .bar p {
    flex: 1 1 16rem;
  }
`;
