import { css } from 'lit';

/** What every element here starts from: text, headings, links, focus, and the few blocks that views have in common. */
export const shared = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host {
    display: block;
    font-size: var(--wa-font-size-m);
    line-height: 1.55;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  /* On a narrow screen as many lines as its words take: in some languages, and where letters are far apart, they are longer than the screen is wide. */
  @media (max-width: 30rem) {
    wa-button {
      max-width: 100%;
    }
    wa-button::part(base) {
      height: auto;
      min-height: var(--wa-form-control-height);
      padding-block: var(--sill-space-4);
      white-space: normal;
    }
  }
  h1,
  h2,
  h3,
  p,
  dl,
  dd,
  ul,
  ol,
  figure {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h1 {
    font-size: var(--wa-font-size-xl);
    line-height: 1.25;
    font-weight: 650;
    letter-spacing: -0.015em;
  }
  h2 {
    font-size: var(--sill-font-size-heading);
    line-height: 1.35;
    font-weight: 650;
    letter-spacing: -0.005em;
  }
  h3 {
    font-size: var(--wa-font-size-m);
    font-weight: 650;
  }
  a {
    color: var(--sill-accent);
    text-underline-offset: 0.15em;
  }
  /* Below the bar at the head of the page, where an address leads to a section. */
  [tabindex='-1'] {
    scroll-margin-top: var(--sill-space-80);
  }
  :focus-visible {
    outline: var(--wa-focus-ring);
    outline-offset: var(--wa-focus-ring-offset);
    border-radius: var(--wa-border-radius-s);
  }
  code,
  .code {
    font-family: var(--wa-font-family-code);
    font-size: 0.92em;
  }
  .quiet {
    color: var(--wa-color-text-quiet);
  }
  .small {
    font-size: var(--wa-font-size-s);
  }
  .figures {
    font-variant-numeric: tabular-nums;
  }
  .card {
    background: var(--wa-color-surface-default);
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--sill-radius);
    padding: var(--sill-space-20);
  }
  .card.danger {
    border-color: var(--wa-color-danger-border-quiet);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--sill-space-8);
  }
  .spread {
    justify-content: space-between;
  }
  .stack {
    display: grid;
    gap: var(--sill-space-16);
    align-content: start;
  }
  .stack > *,
  .row > * {
    min-width: 0;
  }
  .link {
    appearance: none;
    border: 0;
    background: none;
    padding: 0;
    font: inherit;
    color: var(--sill-accent);
    text-decoration: underline;
    text-underline-offset: 0.15em;
    cursor: pointer;
  }
  /* What a component library moves goes by the tokens of its times. */
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation-duration: 0.01ms !important;
      animation-iteration-count: 1 !important;
      transition: none !important;
    }
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

/** What follows one another in a view, each under a heading of its own. */
export const sections = css`
  .sections {
    display: grid;
    gap: var(--sill-space-32);
  }
  .sections > * {
    min-width: 0;
  }
`;

/** The frame of a view: its heading, one sentence, then its content. */
export const viewStyles = css`
  ${sections}
  :host {
    max-width: 72rem;
  }
  .head {
    display: grid;
    gap: var(--sill-space-4);
    margin-bottom: var(--sill-space-24);
  }
  .head p {
    max-width: 42rem;
    color: var(--wa-color-text-quiet);
  }
  /** Stands where something is being fetched, so that nothing jumps when it comes. */
  .ghost {
    height: 12rem;
    border-radius: var(--sill-radius);
    background: var(--wa-color-neutral-fill-quiet);
  }
`;
