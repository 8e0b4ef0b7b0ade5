import { css } from 'lit';

/** Short words on a ground of their own, and notes that are read before all else. */
export const marks = css`
  .mark {
    padding: 1px var(--sill-space-10);
    border-radius: var(--wa-border-radius-pill);
    background: var(--wa-color-neutral-fill-normal);
    color: var(--wa-color-neutral-on-normal);
    font-size: var(--wa-font-size-s);
    font-weight: 500;
    line-height: 1.6;
    white-space: nowrap;
  }
  @media (forced-colors: active) {
    .mark {
      outline: 1px solid;
      outline-offset: -1px;
    }
  }
  .mark.active {
    background: var(--wa-color-brand-fill-normal);
    color: var(--wa-color-brand-on-normal);
  }
  .mark.bad {
    background: var(--wa-color-danger-fill-quiet);
    color: var(--wa-color-danger-on-quiet);
  }
  .mark.warn {
    background: var(--wa-color-warning-fill-quiet);
    color: var(--wa-color-warning-on-quiet);
  }
  .note {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: var(--sill-space-8);
    font-size: var(--wa-font-size-s);
    overflow-wrap: anywhere;
  }
  .note wa-icon {
    margin-top: var(--sill-icon-drop);
    font-size: var(--sill-icon-s);
  }
  .note.bad wa-icon {
    color: var(--wa-color-danger-on-quiet);
  }
  .note.warn wa-icon {
    color: var(--wa-color-warning-on-quiet);
  }
  .note.wait wa-icon {
    color: var(--wa-color-text-quiet);
  }
  .release {
    white-space: pre-line;
    max-width: 48rem;
    overflow-wrap: anywhere;
  }
`;
