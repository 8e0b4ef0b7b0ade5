import { css } from 'lit';

export const appStyles = css`
  :host {
    display: grid;
    grid-template-columns: var(--sill-rail-width) minmax(0, 1fr);
    min-height: 100dvh;
    color: var(--wa-color-text-normal);
  }
  main {
    padding: 2rem clamp(1.25rem, 4vw, 3rem) 4rem;
  }
  /* Focused by us alone, so that a reader begins at the new view: no place to act on. */
  main:focus-visible {
    outline: none;
  }
  main > * {
    margin-inline: auto;
  }
  .failure {
    max-width: 72rem;
    margin-bottom: 1.25rem;
  }
  .waiting {
    max-width: 72rem;
    color: var(--wa-color-text-quiet);
    /* A start is usually quicker than this: no flash of text. */
    animation: appear 200ms 400ms both;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  @media (max-width: 50rem) {
    :host {
      grid-template-columns: minmax(0, 1fr);
      grid-template-rows: auto 1fr;
    }
    /* It may be drawn after what stands below it. */
    sill-app-header {
      min-height: calc(3.75rem + 1px);
    }
    main {
      padding: 1.25rem 1rem calc(var(--sill-bar-height) + 2.5rem + env(safe-area-inset-bottom));
    }
  }
`;
