import { css } from 'lit';
import { facts } from './facts.ts';

/** A dialog that lists facts and shows a licence before something is agreed to. */
export const agreement = css`
  ${facts}
  wa-dialog {
    --width: 36rem;
  }
  wa-dialog::part(footer) {
    padding-top: var(--sill-space-16);
    border-top: 1px solid var(--wa-color-surface-border);
  }
  pre {
    margin: var(--sill-space-10) 0 0;
    max-height: 15rem;
    overflow: auto;
    padding: var(--sill-space-12);
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--wa-border-radius-m);
    background: var(--wa-color-surface-lowered);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    font-family: var(--wa-font-family-code);
    font-size: var(--wa-font-size-s);
    line-height: 1.5;
  }
`;
