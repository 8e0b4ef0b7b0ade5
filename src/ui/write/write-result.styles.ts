import { css } from 'lit';

export const writeResultStyles = css`
  section {
    display: grid;
    gap: var(--sill-space-16);
  }
  .text {
    font-family: var(--wa-font-family-longform);
    font-size: var(--sill-font-size-reading);
    line-height: 1.7;
    max-width: 44rem;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .prompt {
    color: var(--wa-color-text-quiet);
  }
  .continuation {
    background: var(--sill-mark);
    box-decoration-break: clone;
    -webkit-box-decoration-break: clone;
    border-radius: 3px;
    padding-block: 0.1em;
  }
  .caret {
    display: inline-block;
    width: 0.5ch;
    height: 1.1em;
    margin-inline-start: var(--sill-space-2);
    vertical-align: text-bottom;
    background: var(--sill-accent);
    animation: blink 1s steps(2) infinite;
  }
  @keyframes blink {
    50% {
      opacity: 0;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .caret {
      animation: none;
    }
  }
`;
