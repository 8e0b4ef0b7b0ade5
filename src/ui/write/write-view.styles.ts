import { css } from 'lit';

export const writeViewStyles = css`
  .desk {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 18rem;
    gap: var(--sill-space-20);
    align-items: start;
  }
  .composer {
    display: grid;
    gap: var(--sill-space-14);
  }
  /* Its adjuster stands in for the field while that is measured: larger, it leaves a gap that closes under a click. */
  wa-textarea::part(textarea),
  wa-textarea::part(textarea-adjuster) {
    max-height: 40dvh;
  }
  .ideas {
    display: flex;
    flex-wrap: wrap;
    gap: var(--sill-space-8);
  }
  .ideas button {
    padding: var(--sill-space-6) var(--sill-space-12);
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--wa-border-radius-l);
    background: var(--wa-color-surface-lowered);
    color: var(--wa-color-text-normal);
    font: inherit;
    font-size: var(--wa-font-size-s);
    text-align: start;
    cursor: pointer;
  }
  .ideas button:hover {
    border-color: var(--wa-color-neutral-border-loud);
  }
  .settings summary {
    cursor: pointer;
    list-style-position: inside;
  }
  .settings summary h2 {
    display: inline;
  }
  .settings[open] summary {
    margin-bottom: var(--sill-space-16);
  }
  @media (max-width: 63.99rem) {
    .desk {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @media (hover: none) {
    .keys {
      display: none;
    }
  }
  /* A phone has no such keys. */
  @media (hover: none) {
    .keys {
      display: none;
    }
  }
`;
