import { css } from 'lit';

export const passphraseField = css`
  .passphrase {
    display: grid;
    gap: 0.25rem;
  }
  .passphrase label {
    font-weight: 500;
    font-size: var(--wa-font-size-s);
  }
  .passphrase input {
    width: 100%;
    min-height: 2.75rem;
    padding: 0.3rem 0.625rem;
    border: 1px solid var(--wa-form-control-border-color);
    border-radius: var(--wa-border-radius-m);
    background: var(--wa-color-surface-default);
    color: var(--wa-color-text-normal);
    font: inherit;
  }
  .wrong {
    font-size: var(--wa-font-size-s);
    color: var(--wa-color-danger-on-quiet);
  }
`;
