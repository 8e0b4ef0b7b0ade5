import { css } from 'lit';

/** Both groups of views; on phones the one is a bar at the bottom, and the other a sheet that a button of it opens. */
export const navigationStyles = css`
  .navs {
    position: relative;
    min-height: 0;
    overflow-y: auto;
    display: grid;
    align-content: start;
    gap: var(--sill-space-16);
    scrollbar-width: thin;
    /* Room for the focus ring, which would be cut off otherwise. */
    padding: var(--sill-space-4);
    margin: calc(-1 * var(--sill-space-4));
  }
  nav ul {
    display: grid;
    gap: var(--sill-space-2);
  }
  .manage p {
    padding: 0 var(--sill-space-12) var(--sill-space-4);
    font-size: var(--wa-font-size-s);
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
    gap: var(--sill-space-12);
    /* No less than WCAG 2.5.8 asks of what is pressed: below that the rail scrolls. */
    min-height: clamp(1.5rem, var(--sill-row), 2.375rem);
    padding: 0 var(--sill-space-12);
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
    padding-inline: var(--sill-space-6);
    border-radius: var(--wa-border-radius-pill);
    background: var(--wa-color-brand-fill-loud);
    color: var(--wa-color-brand-on-loud);
    font-size: var(--wa-font-size-xs);
    line-height: 1.25rem;
    text-align: center;
  }
  nav wa-icon {
    flex: none;
    font-size: var(--sill-icon-m);
  }
  .manage wa-icon {
    font-size: var(--sill-icon-m);
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
    background: var(--wa-color-overlay-modal);
  }
  dialog[open] .sheet {
    display: grid;
    gap: var(--sill-space-8);
    padding: var(--sill-space-12) var(--sill-space-12) calc(var(--sill-space-16) + env(safe-area-inset-bottom));
  }
  .sheet .top {
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding-inline-start: var(--sill-space-12);
    font-weight: 650;
  }
  .sheet .tool {
    width: 2.75rem;
    min-height: 2.75rem;
  }
  .sheet ul {
    grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr));
    gap: var(--sill-space-4);
  }
  .sheet a {
    min-height: 2.75rem;
  }
  @media (max-height: 61rem) and (min-width: 50.01rem) {
    .navs {
      gap: var(--sill-space-8);
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
      padding: var(--sill-space-4) var(--sill-space-4) calc(var(--sill-space-4) + env(safe-area-inset-bottom));
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
      gap: var(--sill-space-2);
      min-height: calc(var(--sill-bar-height) - 0.5rem);
      padding: var(--sill-space-4) 0;
      font-size: var(--wa-font-size-2xs);
    }
    nav.main :is(a, button)[aria-current]:not([aria-current='false']) {
      background: none;
    }
    nav.main wa-icon {
      font-size: var(--sill-icon-l);
    }
  }
  @media (forced-colors: active) {
    nav :is(a, button)[aria-current]:not([aria-current='false']) {
      outline: 2px solid;
    }
  }
`;
