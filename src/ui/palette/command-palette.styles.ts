import { css } from 'lit';

export const paletteStyles = css`
  dialog {
    width: min(40rem, calc(100vw - 2rem));
    max-width: none;
    max-height: min(34rem, 80dvh);
    margin: 12dvh auto auto;
    padding: 0;
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--sill-radius);
    background: var(--wa-color-surface-raised);
    color: var(--wa-color-text-normal);
    box-shadow: var(--sill-shadow);
    overflow: hidden;
  }
  dialog[open] {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr) auto;
  }
  dialog::backdrop {
    background: var(--wa-color-overlay-modal);
  }
  .ask {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    align-items: center;
    gap: var(--sill-space-12);
    padding-inline: var(--sill-space-16) var(--sill-space-8);
    border-bottom: 1px solid var(--wa-color-surface-border);
  }
  .ask wa-icon {
    font-size: var(--sill-icon-m);
    color: var(--wa-color-text-quiet);
  }
  input {
    width: 100%;
    min-height: 3.25rem;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    /* Below this, a phone would zoom in. */
    font-size: max(1rem, 16px);
  }
  input::placeholder {
    color: var(--wa-form-control-placeholder-color);
    opacity: 1;
  }
  /* The dialog itself shows where the focus is: it has no other field. */
  input:focus-visible {
    outline: none;
  }
  .ask:focus-within {
    box-shadow: inset 0 -2px 0 var(--sill-accent);
  }
  .close {
    display: inline-grid;
    place-items: center;
    width: 2.75rem;
    height: 2.75rem;
    border: 0;
    border-radius: var(--wa-border-radius-m);
    background: none;
    color: var(--wa-color-text-quiet);
    font-size: var(--sill-icon-m);
    cursor: pointer;
  }
  .close:hover {
    background: var(--wa-color-neutral-fill-quiet);
  }
  .list {
    overflow-y: auto;
    overscroll-behavior: contain;
    padding: var(--sill-space-6);
    scroll-padding-block: var(--sill-space-40) var(--sill-space-8);
  }
  .group {
    padding: var(--sill-space-10) var(--sill-space-12) var(--sill-space-4);
    font-size: var(--wa-font-size-s);
    font-weight: 600;
    color: var(--wa-color-text-quiet);
  }
  .option {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    align-items: center;
    gap: var(--sill-space-12);
    min-height: 2.5rem;
    padding: var(--sill-space-4) var(--sill-space-12);
    border-radius: var(--wa-border-radius-m);
    cursor: pointer;
  }
  @media (pointer: coarse) {
    .option {
      min-height: 2.75rem;
    }
  }
  .option wa-icon {
    font-size: var(--sill-icon-m);
    color: var(--wa-color-text-quiet);
  }
  .option .label {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .option[aria-selected='true'] {
    background: var(--wa-color-neutral-fill-normal);
  }
  .option[aria-selected='true'] wa-icon {
    color: var(--sill-accent);
  }
  b {
    font-weight: 700;
    color: var(--sill-accent);
  }
  .none {
    padding: var(--sill-space-24) var(--sill-space-16);
    text-align: center;
    color: var(--wa-color-text-quiet);
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    gap: var(--sill-space-4) var(--sill-space-20);
    padding: var(--sill-space-8) var(--sill-space-16);
    border-top: 1px solid var(--wa-color-surface-border);
    font-size: var(--wa-font-size-s);
    color: var(--wa-color-text-quiet);
  }
  .foot span {
    display: inline-flex;
    align-items: center;
    gap: var(--sill-space-6);
  }
  @media (forced-colors: active) {
    .option[aria-selected='true'] {
      outline: 2px solid;
      outline-offset: -2px;
    }
  }
  @media (max-width: 50rem) {
    dialog {
      width: calc(100vw - 1rem);
      max-height: calc(100dvh - 1rem);
      margin-top: var(--sill-space-8);
    }
    .foot,
    .option .caps {
      display: none;
    }
  }
`;
