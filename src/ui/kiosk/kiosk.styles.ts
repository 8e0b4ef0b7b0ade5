import { css } from 'lit';

/** Large enough for an arm's length, from a tablet to a portrait screen of 1080 x 1920. */
export const kioskType = css`
  :host {
    --kiosk-size: clamp(1.125rem, 2.5vmin, 2.25rem);
    /* What the views are made of takes the same sizes. */
    --wa-font-size-s: max(1rem, calc(0.8 * var(--kiosk-size)));
    --wa-font-size-m: var(--kiosk-size);
    --wa-font-size-l: calc(1.25 * var(--kiosk-size));
    --wa-font-size-xl: calc(1.75 * var(--kiosk-size));
    font-size: var(--kiosk-size);
    line-height: 1.5;
    color: var(--wa-color-text-normal);
  }
  h1 {
    font-size: 1.75em;
    line-height: 1.2;
  }
  h2 {
    font-size: 1.25em;
  }
`;

/** Buttons and fields that a thumb finds. */
export const kioskControls = css`
  button {
    font: inherit;
    font-weight: 600;
    min-height: 3rem;
    min-width: 3rem;
    padding: 0.5em 1.1em;
    border-radius: var(--sill-radius);
    border: 2px solid var(--wa-color-neutral-border-loud);
    background: var(--wa-color-surface-default);
    color: var(--wa-color-text-normal);
    cursor: pointer;
    touch-action: manipulation;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.5em;
  }
  button.main {
    background: var(--sill-loud);
    border-color: var(--sill-loud);
    color: var(--sill-on-loud);
  }
  button[disabled] {
    opacity: 0.55;
    cursor: default;
  }
  button.plain {
    border-color: transparent;
    background: none;
    font-weight: 500;
  }
  textarea,
  input {
    font: inherit;
    width: 100%;
    padding: 0.6em 0.8em;
    border-radius: var(--sill-radius);
    border: 2px solid var(--wa-color-neutral-border-loud);
    background: var(--wa-color-surface-default);
    color: var(--wa-color-text-normal);
  }
  textarea {
    resize: none;
  }
  ::placeholder {
    color: var(--wa-color-text-quiet);
    opacity: 1;
  }
  button:focus-visible,
  textarea:focus-visible,
  input:focus-visible {
    border-radius: var(--sill-radius);
  }
  :focus-visible {
    outline: 3px solid var(--wa-color-focus);
    outline-offset: 3px;
  }
`;
