import { css } from 'lit';

export const kioskAppStyles = css`
  :host {
    position: fixed;
    inset: 0;
    background: var(--wa-color-surface-lowered);
    user-select: none;
    -webkit-touch-callout: none;
  }
  .frame {
    height: 100%;
    display: grid;
    grid-template-rows: minmax(0, 1fr) auto;
  }
  main {
    min-height: 0;
    padding: 1.25em 1.25em 0.5em;
    width: min(100%, 60rem);
    margin-inline: auto;
  }
  .attract,
  .pin {
    display: grid;
    place-content: center;
    justify-items: center;
    text-align: center;
    gap: 0.75em;
    overflow-y: auto;
  }
  /* Seen from across a hall. */
  .frame.invites {
    background: var(--sill-band);
    color: var(--sill-on-band);
  }
  .invites :focus-visible,
  .task header :focus-visible {
    outline-color: currentColor;
  }
  .attract {
    /* The sentence at the foot stands by itself; all else in the middle of what is above it. */
    grid-template-rows: 1fr auto auto auto auto 1fr auto;
    align-content: stretch;
    width: 100%;
  }
  .attract > wa-icon {
    grid-row: 2;
    /* Before it is there, too: nothing moves under a finger. */
    height: 1.5em;
    font-size: 5.5em;
  }
  .attract h1 {
    grid-row: 3;
    font-size: 2.75em;
    max-width: 18ch;
    text-wrap: balance;
  }
  .attract p {
    grid-row: 4;
    font-size: 1.25em;
    max-width: 34ch;
    text-wrap: balance;
  }
  .attract .small {
    grid-row: 7;
    font-size: max(0.75em, 0.9375rem);
    max-width: 60ch;
    padding-bottom: 1.5em;
  }
  .attract [role='status'] {
    grid-row: 5;
  }
  .begin {
    grid-row: 5;
    font-size: 1.35em;
    padding: 0.8em 1.8em;
    margin-top: 1em;
  }
  .attract button.main {
    background: var(--sill-on-band);
    border-color: var(--sill-on-band);
    color: var(--sill-band);
  }
  .task {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr);
    gap: 1em;
  }
  .task header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1em;
  }
  .task header > :is(wa-icon, p) {
    display: none;
  }
  /* What it is stays in sight: above, where nobody reaches, on a screen that stands on its end; beside it on one that lies. */
  @media (min-width: 48rem) and (min-height: 34rem) {
    .task {
      width: 100%;
      padding: 0;
      gap: 0;
    }
    .task header {
      background: var(--sill-band);
      color: var(--sill-on-band);
    }
    .task header > :is(wa-icon, p) {
      display: block;
    }
    .task header h1 {
      font-size: 2.25em;
      text-wrap: balance;
    }
    .task header > wa-icon {
      font-size: 3.5em;
    }
    .task header .again {
      background: none;
      border-color: currentColor;
      color: inherit;
    }
    .desk {
      padding: 1.25em 1.5em 0.75em;
    }
  }
  @media (min-width: 48rem) and (min-height: 34rem) and (orientation: portrait) {
    .task header {
      display: grid;
      grid-template-columns: minmax(0, 1fr) auto;
      align-items: start;
      padding: 2em 1.5em 1.75em;
      gap: 0.35em 1em;
    }
    .task header h1 {
      grid-column: 1 / -1;
      grid-row: 2;
      margin-top: 0.35em;
    }
    .task header p {
      grid-column: 1 / -1;
      font-size: 1.15em;
    }
    .task header .again {
      grid-row: 1;
      grid-column: 2;
    }
  }
  @media (min-width: 48rem) and (min-height: 34rem) and (orientation: landscape) {
    .task {
      grid-template: minmax(0, 1fr) / minmax(15rem, 27%) minmax(0, 1fr);
    }
    .task header {
      flex-direction: column;
      align-items: flex-start;
      justify-content: flex-start;
      padding: 1.75em 1.5em 1.25em;
      overflow-y: auto;
    }
    .task header .again {
      margin-top: auto;
    }
  }
  .again {
    flex: none;
    white-space: nowrap;
  }
  .desk {
    min-height: 0;
  }
  footer {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1em;
    padding: 0.5em 1em calc(0.5em + env(safe-area-inset-bottom));
    font-size: max(0.75em, 1rem);
  }
  footer button {
    padding: 0.25em 0.75em;
    color: var(--wa-color-text-quiet);
  }
  .invites footer button {
    color: inherit;
  }
  footer button[aria-pressed='true'] {
    color: var(--wa-color-text-normal);
    text-decoration: underline;
    text-underline-offset: 0.3em;
  }
  .invites footer button[aria-pressed='true'] {
    color: inherit;
  }
  @media (forced-colors: active) {
    footer button[aria-pressed='true'] {
      outline: 2px solid Highlight;
    }
  }
  .veil {
    position: fixed;
    inset: 0;
    display: grid;
    place-content: center;
    padding: 1em;
    background: var(--sill-veil);
  }
  .ask {
    display: grid;
    gap: 1em;
    max-width: 26em;
    padding: 1.5em;
    border-radius: var(--sill-radius);
    background: var(--wa-color-surface-default);
    border: 2px solid var(--wa-color-neutral-border-loud);
  }
  .ask .row > * {
    flex: 1 1 auto;
  }
  @media (max-width: 30rem) {
    main {
      padding-inline: 0.75em;
    }
    .task h1 {
      font-size: 1.25em;
    }
    .again {
      padding-inline: 0.75em;
    }
    footer {
      padding-inline: 0.5em;
    }
    footer .row {
      gap: 0;
    }
    footer button {
      padding-inline: 0.5em;
    }
  }
`;
