import { css } from 'lit';

export const chatMessageStyles = css`
  article {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--sill-space-6);
  }
  .user .said {
    justify-self: end;
    max-width: min(100%, 42rem);
    padding: var(--sill-space-10) var(--sill-space-14);
    border-radius: var(--sill-radius);
    background: var(--sill-mark);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  @media (forced-colors: active) {
    .user .said {
      outline: 1px solid;
      outline-offset: -1px;
    }
  }
  .assistant .said {
    max-width: 46rem;
    min-height: 1.5rem;
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--sill-space-2) var(--sill-space-4);
    --inset: 0.5625rem;
    color: var(--wa-color-text-quiet);
  }
  .user .foot {
    justify-content: flex-end;
    margin-inline-end: calc(-1 * var(--inset));
  }
  /* The drawing of a button stands in line with the text, not its edge. */
  .assistant .foot {
    margin-inline-start: calc(-1 * var(--inset));
  }
  .branches {
    display: inline-flex;
    align-items: center;
    font-size: var(--wa-font-size-s);
    font-variant-numeric: tabular-nums;
  }
  .facts {
    margin-inline-start: var(--inset);
    font-size: var(--wa-font-size-s);
    font-variant-numeric: tabular-nums;
  }
  form {
    display: grid;
    gap: var(--sill-space-8);
  }
  .end {
    display: flex;
    justify-content: flex-end;
    gap: var(--sill-space-8);
  }
  .waiting {
    color: var(--wa-color-text-quiet);
  }
  @media (max-width: 50rem) {
    .foot {
      --inset: 0.875rem;
    }
  }
`;
