import { css } from 'lit';

/** What a person may want to do about how things are kept: the words, and a button beside them. */
export const askStyles = css`
  .ask {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75rem 1.25rem;
    align-items: center;
  }
  .words {
    flex: 1 1 18rem;
  }
  .title {
    display: flex;
    gap: 0.5rem;
    align-items: center;
    font-weight: 650;
  }
  wa-icon {
    font-size: 1.0625rem;
    color: var(--wa-color-warning-on-quiet);
  }
  .done wa-icon {
    color: var(--wa-color-success-on-quiet);
  }
`;
