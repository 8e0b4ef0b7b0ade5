import { css } from 'lit';

/** Where a person writes several lines. */
export const writing = css`
  textarea {
    display: block;
    width: 100%;
    min-height: 3.5rem;
    max-height: 16rem;
    padding: var(--sill-space-8) var(--sill-space-12);
    field-sizing: content;
    resize: vertical;
    border: 1px solid var(--wa-form-control-border-color);
    border-radius: var(--wa-border-radius-m);
    background: var(--wa-color-surface-default);
    color: var(--wa-color-text-normal);
    font: inherit;
  }
  textarea::placeholder {
    color: var(--wa-form-control-placeholder-color);
  }
`;

export const chatViewStyles = css`
  :host {
    max-width: 76rem;
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--sill-space-8);
    min-height: 2.125rem;
    margin-bottom: var(--sill-space-16);
  }
  .room {
    flex: 1;
    display: grid;
    grid-template-columns: 17rem minmax(0, 1fr);
    gap: var(--sill-space-24);
    align-items: start;
  }
  /* The conversation reaches down to where one writes, however little was said. */
  .conversation {
    align-self: stretch;
    display: flex;
    flex-direction: column;
    gap: var(--sill-space-16);
    min-width: 0;
  }
  sill-chat-talk {
    flex: 1;
    display: grid;
  }
  .side {
    position: sticky;
    top: 1rem;
  }
  .talk {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--sill-space-16);
    align-content: space-between;
  }
  .talk > * {
    min-width: 0;
  }
  .talk.over {
    border-radius: var(--sill-radius);
    outline: 2px dashed var(--wa-color-brand-50);
    outline-offset: 0.5rem;
  }
  .title {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: var(--sill-space-8);
  }
  .title h2 {
    overflow-wrap: anywhere;
  }
  .title form {
    flex: 1;
    display: flex;
    gap: var(--sill-space-6);
  }
  .messages {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--sill-space-20);
  }
  .messages > li {
    content-visibility: auto;
    contain-intrinsic-size: auto 8rem;
    /* Neither focus rings at the edge are cut off nor buttons whose drawing stands in line with the text. */
    padding: 2px var(--sill-space-12);
    margin: -2px calc(-1 * var(--sill-space-12));
  }
  .cut {
    display: grid;
    grid-template-columns: 1fr auto 1fr;
    align-items: center;
    gap: var(--sill-space-12);
    font-size: var(--wa-font-size-s);
    color: var(--wa-color-text-quiet);
    text-align: center;
  }
  .cut::before,
  .cut::after {
    content: '';
    border-top: 1px dashed var(--wa-color-neutral-border-normal);
  }
  .foot {
    position: sticky;
    bottom: 0;
    z-index: 2;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--sill-space-8);
    padding: var(--sill-space-8) 0 var(--sill-space-16);
    background: var(--wa-color-surface-lowered);
  }
  .welcome {
    display: grid;
    gap: var(--sill-space-8);
    justify-items: center;
    padding: clamp(var(--sill-space-24), 8vh, var(--sill-space-80)) var(--sill-space-16);
    text-align: center;
    color: var(--wa-color-text-quiet);
  }
  .welcome wa-icon {
    font-size: var(--sill-icon-2xl);
    color: var(--sill-accent);
  }
  .welcome h2 {
    color: var(--wa-color-text-normal);
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--sill-space-4) var(--sill-space-16);
    padding: var(--sill-space-8) var(--sill-space-8) var(--sill-space-8) var(--sill-space-16);
    margin-bottom: var(--sill-space-16);
    border-radius: var(--sill-radius);
    background: var(--wa-color-neutral-fill-normal);
    font-size: var(--wa-font-size-s);
  }
  .carried,
  .failure {
    margin-bottom: var(--sill-space-16);
  }
  wa-drawer {
    --size: min(22rem, 90vw);
  }
  @media (max-width: 63.99rem) {
    .room {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @media (max-width: 50rem) {
    .top {
      min-height: 44px;
    }
    .messages > li {
      padding-inline: var(--sill-space-16);
      margin-inline: calc(-1 * var(--sill-space-16));
    }
    .foot {
      bottom: calc(var(--sill-bar-height) + env(safe-area-inset-bottom));
    }
  }
  /* Much zoomed, or a phone on its side: what stays in sight would leave none for what was said. */
  @media (max-height: 30rem) {
    .foot {
      position: static;
    }
  }
`;
