import { css } from 'lit';

/** What the elements of the frame have in common. It takes its looks from the properties that a guest may set, not from the app's own. */
export const embedStyles = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host {
    display: block;
    font: var(--sill-embed-font-size) / 1.5 var(--sill-embed-font);
    color: var(--sill-embed-text);
  }
  h1,
  p,
  ul {
    margin: 0;
    padding: 0;
  }
  h1 {
    font-size: 1.1em;
    font-weight: 650;
    line-height: 1.3;
  }
  .card {
    display: grid;
    gap: 0.75em;
    padding: 1em;
    background: var(--sill-embed-surface);
    border: 1px solid var(--sill-embed-border);
    border-radius: var(--sill-embed-radius);
  }
  .quiet {
    color: var(--sill-embed-quiet);
    font-size: 0.9em;
  }
  .origin {
    font-weight: 650;
    overflow-wrap: anywhere;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5em;
    align-items: center;
  }
  a {
    color: var(--sill-embed-accent);
  }
  button,
  input,
  textarea {
    font: inherit;
    color: inherit;
    border: 1px solid var(--sill-embed-border);
    border-radius: calc(var(--sill-embed-radius) * 0.7);
    background: var(--sill-embed-surface);
    padding: 0.45em 0.9em;
    min-height: 2.4em;
  }
  button {
    cursor: pointer;
    font-weight: 550;
  }
  button.main {
    background: var(--sill-embed-accent);
    border-color: var(--sill-embed-accent);
    color: var(--sill-embed-on-accent);
  }
  button[disabled] {
    cursor: default;
    opacity: 0.55;
  }
  :focus-visible {
    outline: 2px solid var(--sill-embed-accent);
    outline-offset: 2px;
  }
`;

/** For what a person decides: the page around must not be able to paint it over. */
export const untouchable = css`
  :host {
    --sill-embed-background: light-dark(#ffffff, #17191d);
    --sill-embed-surface: light-dark(#ffffff, #1d2024);
    --sill-embed-text: light-dark(#1f1e1b, #e9e7e3);
    --sill-embed-quiet: light-dark(#625e56, #a5a39d);
    --sill-embed-border: light-dark(#d3cec5, #3f444b);
    --sill-embed-accent: light-dark(#1d6b5c, #6fc7b4);
    --sill-embed-on-accent: light-dark(#ffffff, #10201c);
    --sill-embed-radius: 10px;
    --sill-embed-font-size: 15px;
    --sill-embed-font: ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
    background: var(--sill-embed-background);
  }
`;
