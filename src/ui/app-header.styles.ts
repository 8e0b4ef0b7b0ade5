import { css } from 'lit';

export const headerStyles = css`
  :host {
    border-inline-end: 1px solid var(--wa-color-surface-border);
  }
  header {
    position: sticky;
    top: 0;
    height: 100dvh;
    display: grid;
    grid-template-rows: auto 1fr auto;
    gap: 1.75rem;
    padding: 1.5rem 0.875rem 1.25rem;
  }
  .skip {
    position: absolute;
    inset: 0.5rem auto auto 0.5rem;
    z-index: 2;
    padding: 0.5rem 0.875rem;
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
    gap: 0.625rem;
    padding-inline: 0.625rem;
    font-size: 1.25rem;
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
  nav ul {
    display: grid;
    gap: 0.125rem;
  }
  nav a {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    min-height: 2.5rem;
    padding: 0.375rem 0.75rem;
    border-radius: var(--wa-border-radius-m);
    color: var(--wa-color-text-quiet);
    font-weight: 500;
    text-decoration: none;
    transition: background-color var(--wa-transition-fast);
  }
  nav a {
    position: relative;
  }
  .news {
    position: absolute;
    inset: 0.5rem auto auto 1.75rem;
    width: 0.5rem;
    height: 0.5rem;
    border-radius: 50%;
    background: var(--sill-accent);
  }
  nav wa-icon {
    font-size: 1.1875rem;
  }
  nav a:hover {
    background: var(--wa-color-neutral-fill-quiet);
    color: var(--wa-color-text-normal);
  }
  nav a:not([aria-current='false']) {
    background: var(--wa-color-neutral-fill-normal);
    color: var(--wa-color-text-normal);
  }
  nav a:not([aria-current='false']) wa-icon {
    color: var(--sill-accent);
  }
  .tools {
    display: grid;
    gap: 0.75rem;
    padding-inline: 0.5rem;
  }
  .status {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    font-size: var(--wa-font-size-s);
    color: var(--wa-color-text-quiet);
  }
  .status wa-icon {
    flex: none;
    font-size: 1rem;
  }
  .status wa-icon[name='ok'] {
    color: var(--sill-accent);
  }
  .choices {
    display: flex;
    gap: 0.25rem;
    margin-inline: -0.375rem;
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
    font-size: 1.0625rem;
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
      gap: 0.5rem;
      padding: 0.5rem 0.75rem;
      background: var(--wa-color-surface-lowered);
      border-bottom: 1px solid var(--wa-color-surface-border);
    }
    .brand {
      padding-inline: 0.25rem;
    }
    .tools {
      display: flex;
      align-items: center;
      padding: 0;
    }
    .choices {
      margin: 0;
    }
    nav {
      position: fixed;
      inset: auto 0 0;
      z-index: 5;
      background: var(--wa-color-surface-default);
      border-top: 1px solid var(--wa-color-surface-border);
      padding: 0.25rem 0.25rem calc(0.25rem + env(safe-area-inset-bottom));
    }
    nav ul {
      grid-auto-flow: column;
      grid-auto-columns: auto;
      gap: 0;
    }
    nav a {
      flex-direction: column;
      justify-content: center;
      gap: 0.125rem;
      min-height: calc(var(--sill-bar-height) - 0.5rem);
      padding: 0.25rem 0;
      font-size: 0.6875rem;
    }
    nav a:not([aria-current='false']) {
      background: none;
    }
    .news {
      inset: 0.25rem auto auto calc(50% + 0.5rem);
    }
    nav wa-icon {
      font-size: 1.3125rem;
    }
  }
  @media (forced-colors: active) {
    nav a:not([aria-current='false']) {
      outline: 2px solid;
    }
  }
`;
