import { css } from 'lit';
import { facts } from './facts.ts';

/** A dialog that lists facts and shows a licence before something is agreed to. */
export const agreement = css`
  ${facts}
  wa-dialog {
    --width: 36rem;
  }
  wa-dialog::part(footer) {
    padding-top: 1rem;
    border-top: 1px solid var(--wa-color-surface-border);
  }
  pre {
    margin: 0.625rem 0 0;
    max-height: 15rem;
    overflow: auto;
    padding: 0.75rem;
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--wa-border-radius-m);
    background: var(--wa-color-surface-lowered);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    font-family: var(--wa-font-family-code);
    font-size: 0.8125rem;
    line-height: 1.5;
  }
`;
