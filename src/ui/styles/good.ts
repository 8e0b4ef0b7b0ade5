import { css } from 'lit';

/** A line that says what went well. */
export const good = css`
  .good {
    display: flex;
    gap: var(--sill-space-8);
    align-items: center;
    font-size: var(--wa-font-size-s);
  }
  .good wa-icon {
    color: var(--wa-color-success-on-quiet);
    font-size: var(--sill-icon-s);
  }
`;
