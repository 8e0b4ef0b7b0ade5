import { css } from 'lit';

/** Where a person writes several lines. */
export const writing = css`
  textarea {
    display: block;
    width: 100%;
    min-height: 3.5rem;
    max-height: 16rem;
    padding: 0.55rem 0.75rem;
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
    gap: 0.5rem;
    min-height: 2.125rem;
    margin-bottom: 1rem;
  }
  .room {
    flex: 1;
    display: grid;
    grid-template-columns: 17rem minmax(0, 1fr);
    gap: 1.5rem;
    align-items: start;
  }
  /* The conversation reaches down to where one writes, however little was said. */
  .conversation {
    align-self: stretch;
    display: flex;
    flex-direction: column;
    gap: 1rem;
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
    gap: 1rem;
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
    gap: 0.5rem;
  }
  .title h2 {
    overflow-wrap: anywhere;
  }
  .title form {
    flex: 1;
    display: flex;
    gap: 0.375rem;
  }
  .messages {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1.25rem;
  }
  .messages > li {
    content-visibility: auto;
    contain-intrinsic-size: auto 8rem;
    /* Neither focus rings at the edge are cut off nor buttons whose drawing stands in line with the text. */
    padding: 2px 0.75rem;
    margin: -2px -0.75rem;
  }
  .cut {
    display: grid;
    grid-template-columns: 1fr auto 1fr;
    align-items: center;
    gap: 0.75rem;
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
    gap: 0.5rem;
    padding: 0.5rem 0 1rem;
    background: var(--wa-color-surface-lowered);
  }
  .welcome {
    display: grid;
    gap: 0.5rem;
    justify-items: center;
    padding: clamp(1.5rem, 8vh, 5rem) 1rem;
    text-align: center;
    color: var(--wa-color-text-quiet);
  }
  .welcome wa-icon {
    font-size: 2rem;
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
    gap: 0.25rem 1rem;
    padding: 0.5rem 0.5rem 0.5rem 1rem;
    margin-bottom: 1rem;
    border-radius: var(--sill-radius);
    background: var(--wa-color-neutral-fill-normal);
    font-size: var(--wa-font-size-s);
  }
  .carried,
  .failure {
    margin-bottom: 1rem;
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
      padding-inline: 1rem;
      margin-inline: -1rem;
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
