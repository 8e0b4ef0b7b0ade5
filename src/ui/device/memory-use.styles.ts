import { css } from 'lit';

export const memoryUseStyles = css`
  figure {
    margin: 0;
  }
  .bar {
    background: var(--wa-color-neutral-fill-normal);
  }
  /* One long word in some languages. */
  thead .number {
    overflow-wrap: anywhere;
    white-space: normal;
  }
  .stay {
    padding-inline-start: calc(var(--sill-space-12) + var(--sill-space-10));
  }
  .settings {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr));
    gap: var(--sill-space-12) var(--sill-space-24);
    margin: var(--sill-space-20) 0 0;
    padding: 0;
    border: 0;
  }
  .settings [role='note'] {
    grid-column: 1 / -1;
  }
`;
