import { css } from 'lit';

/** The rail, or the bar of a phone: brand, palette, and what concerns the whole page. */
export const headerStyles = css`
  :host {
    border-inline-end: 1px solid var(--wa-color-surface-border);
  }
  header {
    /* All views are in sight: what the window leaves beside everything else, shared by twenty rows. */
    --sill-row: calc((100dvh - 20rem) / 20);
    position: sticky;
    top: 0;
    height: 100dvh;
    display: grid;
    grid-template-rows: auto auto 1fr auto;
    gap: var(--sill-space-20);
    padding: var(--sill-space-24) var(--sill-space-14) var(--sill-space-20);
  }
  .skip {
    position: absolute;
    inset: 0.5rem auto auto 0.5rem;
    z-index: 2;
    padding: var(--sill-space-8) var(--sill-space-14);
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--wa-border-radius-m);
    background: var(--wa-color-surface-raised);
    color: var(--wa-color-text-normal);
    font: inherit;
  }
  .skip:not(:focus) {
    clip-path: inset(50%);
    width: 1px;
    height: 1px;
    padding: 0;
    overflow: hidden;
  }
  .brand {
    display: flex;
    align-items: center;
    gap: var(--sill-space-10);
    padding-inline: var(--sill-space-10);
    font-size: var(--sill-font-size-brand);
    font-weight: 680;
    letter-spacing: -0.02em;
  }
  .brand svg {
    width: 1.625rem;
    height: 1.625rem;
    fill: none;
    stroke: currentColor;
    stroke-width: 2;
    stroke-linejoin: round;
    stroke-linecap: round;
  }
  .brand .ledge {
    stroke: var(--sill-accent);
    stroke-width: 3.5;
  }
  .palette {
    display: flex;
    align-items: center;
    gap: var(--sill-space-10);
    min-height: 2.375rem;
    padding: var(--sill-space-4) var(--sill-space-6) var(--sill-space-4) var(--sill-space-12);
    border: 1px solid var(--wa-form-control-border-color);
    border-radius: var(--wa-border-radius-m);
    background: var(--wa-color-surface-default);
    color: var(--wa-color-text-quiet);
    font: inherit;
    font-size: var(--wa-font-size-s);
    cursor: pointer;
  }
  .palette:hover {
    border-color: var(--wa-color-neutral-border-loud);
    color: var(--wa-color-text-normal);
  }
  .palette .words {
    flex: 1;
    text-align: start;
  }
  .tools {
    display: grid;
    gap: var(--sill-space-12);
    padding-inline: var(--sill-space-8);
  }
  .status {
    display: flex;
    align-items: center;
    gap: var(--sill-space-8);
    font-size: var(--wa-font-size-s);
    color: var(--wa-color-text-quiet);
  }
  .status wa-icon {
    flex: none;
    font-size: var(--sill-icon-s);
  }
  .status wa-icon[name='ok'] {
    color: var(--sill-accent);
  }
  .choices {
    display: flex;
    gap: var(--sill-space-4);
    margin-inline: calc(-1 * var(--sill-space-6));
  }
  .tool,
  select {
    min-height: 2.125rem;
    border: 1px solid transparent;
    border-radius: var(--wa-border-radius-m);
    background: transparent;
    color: var(--wa-color-text-quiet);
    font: inherit;
    font-size: var(--wa-font-size-s);
    cursor: pointer;
  }
  .tool {
    display: inline-grid;
    place-items: center;
    width: 2.125rem;
    font-size: var(--sill-icon-m);
  }
  .tool:hover,
  select:hover {
    background: var(--wa-color-neutral-fill-quiet);
    color: var(--wa-color-text-normal);
  }
  option {
    background: var(--wa-color-surface-raised);
    color: var(--wa-color-text-normal);
  }
  @media (max-height: 61rem) and (min-width: 50.01rem) {
    header {
      --sill-row: calc((100dvh - 13.75rem) / 20);
      gap: var(--sill-space-12);
      padding-block: var(--sill-space-16) var(--sill-space-12);
    }
    .brand {
      line-height: 1.3;
    }
    .palette {
      min-height: 2.125rem;
    }
    .tools {
      gap: var(--sill-space-6);
    }
  }
  @media (max-width: 50rem) {
    :host {
      position: sticky;
      top: 0;
      z-index: 5;
      border: 0;
    }
    header {
      height: auto;
      grid-template: none;
      display: flex;
      align-items: center;
      justify-content: space-between;
      gap: var(--sill-space-8);
      padding: var(--sill-space-8) var(--sill-space-12);
      background: var(--wa-color-surface-lowered);
      border-bottom: 1px solid var(--wa-color-surface-border);
    }
    .brand {
      padding-inline: var(--sill-space-4);
    }
    .palette {
      order: 1;
      justify-content: center;
      width: 2.75rem;
      min-height: 2.75rem;
      margin-inline-start: auto;
      padding: 0;
      border-color: transparent;
      background: none;
      font-size: var(--sill-icon-m);
    }
    .palette .words {
      position: absolute;
      clip-path: inset(50%);
    }
    .palette .caps {
      display: none;
    }
    .tools {
      order: 2;
      display: flex;
      align-items: center;
      padding: 0;
    }
    .choices {
      margin: 0;
    }
  }
  @media (max-width: 30rem) {
    /* Overview and Storage have the words. */
    .status span {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
  }
`;
