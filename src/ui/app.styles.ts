import { css } from 'lit';

export const appStyles = css`
  :host {
    display: grid;
    grid-template-columns: var(--sill-rail-width) minmax(0, 1fr);
    min-height: 100dvh;
    color: var(--wa-color-text-normal);
  }
  main {
    padding: var(--sill-space-32) clamp(var(--sill-space-20), 4vw, var(--sill-space-48)) var(--sill-space-64);
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
    margin-bottom: var(--sill-space-20);
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
      padding: var(--sill-space-20) var(--sill-space-16) calc(var(--sill-bar-height) + var(--sill-space-40) + env(safe-area-inset-bottom));
    }
  }
`;
