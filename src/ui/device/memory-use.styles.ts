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
    padding-inline-start: 1.375rem;
  }
  .settings {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr));
    gap: 0.75rem 1.5rem;
    margin: 1.25rem 0 0;
    padding: 0;
    border: 0;
  }
  .settings [role='note'] {
    grid-column: 1 / -1;
  }
`;
