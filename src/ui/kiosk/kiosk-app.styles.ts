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
  .attract > wa-icon {
    /* Before it is there, too: nothing moves under a finger. */
    height: 1.5em;
    font-size: 4em;
    color: var(--sill-accent);
  }
  .attract h1 {
    font-size: 2.25em;
  }
  .attract p {
    max-width: 40ch;
  }
  .attract .small {
    margin-top: 2em;
    font-size: max(0.7em, 0.9375rem);
  }
  .begin {
    font-size: 1.25em;
    padding: 0.8em 1.6em;
    margin-top: 0.75em;
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
  footer button[aria-pressed='true'] {
    color: var(--wa-color-text-normal);
    text-decoration: underline;
    text-underline-offset: 0.3em;
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
    background: color-mix(in oklab, var(--wa-color-surface-lowered) 30%, #000000cc);
  }
  .ask {
    display: grid;
    gap: 1em;
    max-width: 34rem;
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
