import { css } from 'lit';

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
    gap: 1.25rem;
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
  .palette {
    display: flex;
    align-items: center;
    gap: 0.625rem;
    min-height: 2.375rem;
    padding: 0.25rem 0.375rem 0.25rem 0.75rem;
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
  @media (max-height: 61rem) and (min-width: 50.01rem) {
    header {
      --sill-row: calc((100dvh - 13.75rem) / 20);
      gap: 0.75rem;
      padding-block: 1rem 0.75rem;
    }
    .brand {
      line-height: 1.3;
    }
    .palette {
      min-height: 2.125rem;
    }
    .navs {
      gap: 0.5rem;
    }
    nav ul {
      gap: 0;
    }
    .tools {
      gap: 0.375rem;
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
      gap: 0.5rem;
      padding: 0.5rem 0.75rem;
      background: var(--wa-color-surface-lowered);
      border-bottom: 1px solid var(--wa-color-surface-border);
    }
    .brand {
      padding-inline: 0.25rem;
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
      font-size: 1.125rem;
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
  @media (forced-colors: active) {
    nav :is(a, button)[aria-current]:not([aria-current='false']) {
      outline: 2px solid;
    }
  }
`;
