import { css } from 'lit';

/** Both groups of views; on phones the one is a bar at the bottom, and the other a sheet that a button of it opens. */
export const navigationStyles = css`
  .navs {
    position: relative;
    min-height: 0;
    overflow-y: auto;
    display: grid;
    align-content: start;
    gap: 1rem;
    scrollbar-width: thin;
    /* Room for the focus ring, which would be cut off otherwise. */
    padding: 0.25rem;
    margin: -0.25rem;
  }
  nav ul {
    display: grid;
    gap: 0.125rem;
  }
  .manage p {
    padding: 0 0.75rem 0.25rem;
    font-size: 0.8125rem;
    font-weight: 600;
    color: var(--wa-color-text-quiet);
  }
  .more,
  .sheet {
    display: none;
  }
  nav :is(a, button) {
    position: relative;
    display: flex;
    align-items: center;
    gap: 0.75rem;
    /* No less than WCAG 2.5.8 asks of what is pressed: below that the rail scrolls. */
    min-height: clamp(1.5rem, var(--sill-row), 2.375rem);
    padding: 0 0.75rem;
    border-radius: var(--wa-border-radius-m);
    color: var(--wa-color-text-quiet);
    font-weight: 500;
    line-height: 1.25;
    text-decoration: none;
    transition: background-color var(--wa-transition-fast);
  }
  .manage a {
    min-height: clamp(1.5rem, var(--sill-row), 2rem);
    font-size: var(--wa-font-size-s);
  }
  @media (pointer: coarse) {
    nav :is(a, button) {
      min-height: 2.75rem;
    }
  }
  nav button {
    width: 100%;
    border: 0;
    background: none;
    font: inherit;
    font-weight: 500;
    cursor: pointer;
  }
  .news {
    position: absolute;
    inset: 0.25rem auto auto calc(50% + 0.5rem);
    width: 0.5rem;
    height: 0.5rem;
    border-radius: 50%;
    background: var(--sill-accent);
  }
  .count {
    min-width: 1.25rem;
    margin-inline-start: auto;
    padding-inline: 0.375rem;
    border-radius: var(--wa-border-radius-pill);
    background: var(--wa-color-brand-fill-loud);
    color: var(--wa-color-brand-on-loud);
    font-size: 0.75rem;
    line-height: 1.25rem;
    text-align: center;
  }
  nav wa-icon {
    flex: none;
    font-size: 1.1875rem;
  }
  .manage wa-icon {
    font-size: 1.0625rem;
  }
  nav :is(a, button):hover {
    background: var(--wa-color-neutral-fill-quiet);
    color: var(--wa-color-text-normal);
  }
  nav :is(a, button)[aria-current]:not([aria-current='false']) {
    background: var(--wa-color-neutral-fill-normal);
    color: var(--wa-color-text-normal);
  }
  nav :is(a, button)[aria-current]:not([aria-current='false']) wa-icon {
    color: var(--sill-accent);
  }
  dialog {
    width: 100%;
    max-width: none;
    max-height: 85dvh;
    margin: auto 0 0;
    padding: 0;
    border: 0;
    border-radius: 1rem 1rem 0 0;
    background: var(--wa-color-surface-raised);
    color: var(--wa-color-text-normal);
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }
  dialog[open] .sheet {
    display: grid;
    gap: 0.5rem;
    padding: 0.75rem 0.75rem calc(1rem + env(safe-area-inset-bottom));
  }
  .sheet .top {
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding-inline-start: 0.75rem;
    font-weight: 650;
  }
  .sheet .tool {
    width: 2.75rem;
    min-height: 2.75rem;
  }
  .sheet ul {
    grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr));
    gap: 0.25rem;
  }
  .sheet a {
    min-height: 2.75rem;
  }
  @media (max-height: 61rem) and (min-width: 50.01rem) {
    .navs {
      gap: 0.5rem;
    }
    nav ul {
      gap: 0;
    }
  }
  @media (max-width: 50rem) {
    .navs {
      display: contents;
    }
    .manage {
      display: none;
    }
    .more {
      display: block;
    }
    nav.main {
      position: fixed;
      inset: auto 0 0;
      z-index: 5;
      background: var(--wa-color-surface-default);
      border-top: 1px solid var(--wa-color-surface-border);
      padding: 0.25rem 0.25rem calc(0.25rem + env(safe-area-inset-bottom));
    }
    nav.main ul {
      grid-auto-flow: column;
      grid-auto-columns: minmax(0, auto);
      gap: 0;
    }
    /* Words of other languages are longer. */
    nav.main :is(a, button) > span {
      max-width: 100%;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    nav.main :is(a, button) {
      line-height: inherit;
      flex-direction: column;
      justify-content: center;
      gap: 0.125rem;
      min-height: calc(var(--sill-bar-height) - 0.5rem);
      padding: 0.25rem 0;
      font-size: 0.6875rem;
    }
    nav.main :is(a, button)[aria-current]:not([aria-current='false']) {
      background: none;
    }
    nav.main wa-icon {
      font-size: 1.3125rem;
    }
  }
  @media (forced-colors: active) {
    nav :is(a, button)[aria-current]:not([aria-current='false']) {
      outline: 2px solid;
    }
  }
`;
