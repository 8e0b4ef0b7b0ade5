import { css } from 'lit';

/** A line over the view, with something to do about it. Its colour says how much it matters. */
export const bar = css`
  :host {
    max-width: 72rem;
    margin-bottom: 1.25rem;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 1rem;
    padding: 0.625rem 0.75rem 0.625rem 1rem;
    border-radius: var(--sill-radius);
    color: var(--wa-color-text-normal);
  }
  .bar p {
    flex: 1 1 16rem;
  }
`;
