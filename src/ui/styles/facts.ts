import { css } from 'lit';

/** Names and what they stand for, in a `<dl class="facts">`; on a phone each below its name. */
export const facts = css`
  .facts {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: var(--sill-space-6) var(--sill-space-20);
    font-size: var(--wa-font-size-s);
  }
  .facts dt {
    color: var(--wa-color-text-quiet);
  }
  .facts dd {
    overflow-wrap: anywhere;
  }
  @media (max-width: 30rem) {
    .facts {
      grid-template-columns: minmax(0, 1fr);
      gap: 0;
    }
    .facts dd + dt {
      margin-top: var(--sill-space-8);
    }
  }
`;
