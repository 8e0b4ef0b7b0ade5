import { css } from 'lit';

/** What a person may want to do about how things are kept: the words, and a button beside them. */
export const askStyles = css`
  .ask {
    display: flex;
    flex-wrap: wrap;
    gap: var(--sill-space-12) var(--sill-space-20);
    align-items: center;
  }
  .words {
    flex: 1 1 18rem;
  }
  .title {
    display: flex;
    gap: var(--sill-space-8);
    align-items: center;
    font-weight: 650;
  }
  wa-icon {
    font-size: var(--sill-icon-m);
    color: var(--wa-color-warning-on-quiet);
  }
  .done wa-icon {
    color: var(--wa-color-success-on-quiet);
  }
`;
