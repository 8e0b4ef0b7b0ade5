import { css } from 'lit';

/** How much of a whole something is, as a line that is filled to that share. */
export const track = css`
  .track {
    height: 0.375rem;
    border-radius: var(--wa-border-radius-pill);
    background: var(--wa-color-neutral-fill-normal);
    overflow: hidden;
    /* Colours that a person chose for texts would make it and its filling one. */
    forced-color-adjust: none;
  }
  .track span {
    display: block;
    height: 100%;
    background: var(--wa-color-brand-50);
  }
`;
