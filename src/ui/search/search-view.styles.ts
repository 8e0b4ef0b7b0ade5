import { css } from 'lit';

export const searchViewStyles = css`
  .room {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 21rem;
    gap: 1.25rem;
    align-items: start;
  }
  .query {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0.625rem;
    align-items: end;
  }
  .found {
    margin-bottom: 0.5rem;
  }
  .refused {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.5rem;
    font-size: var(--wa-font-size-s);
    overflow-wrap: anywhere;
  }
  .refused wa-icon {
    margin-top: 0.2rem;
    color: var(--wa-color-warning-on-quiet);
  }
  @media (max-width: 63.99rem) {
    .room {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
