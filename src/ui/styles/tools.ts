import { css } from 'lit';

/** Small buttons that there are many of: plain ones, of the size that a finger needs on a phone. */
export const tools = css`
  .tool {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--sill-space-6);
    min-width: 2.125rem;
    min-height: 2.125rem;
    padding: 0 var(--sill-space-6);
    border: 1px solid transparent;
    border-radius: var(--wa-border-radius-m);
    background: transparent;
    color: var(--wa-color-text-quiet);
    font: inherit;
    font-size: var(--wa-font-size-s);
    cursor: pointer;
  }
  .tool wa-icon {
    font-size: var(--sill-icon-s);
  }
  .tool:hover:not(:disabled) {
    background: var(--wa-color-neutral-fill-normal);
    color: var(--wa-color-text-normal);
  }
  .tool:disabled {
    opacity: 0.45;
    cursor: default;
  }
  @media (max-width: 50rem) {
    .tool {
      min-width: 44px;
      min-height: 44px;
    }
  }
`;
