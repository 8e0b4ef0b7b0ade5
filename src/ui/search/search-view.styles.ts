import { css } from 'lit';

export const searchViewStyles = css`
  .room {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 21rem;
    gap: var(--sill-space-20);
    align-items: start;
  }
  .query {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: var(--sill-space-10);
    align-items: end;
  }
  .found {
    margin-bottom: var(--sill-space-8);
  }
  .refused {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: var(--sill-space-8);
    font-size: var(--wa-font-size-s);
    overflow-wrap: anywhere;
  }
  .refused wa-icon {
    margin-top: var(--sill-icon-drop);
    color: var(--wa-color-warning-on-quiet);
  }
  @media (max-width: 63.99rem) {
    .room {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
