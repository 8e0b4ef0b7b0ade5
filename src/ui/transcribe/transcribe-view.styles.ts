import { css } from 'lit';

export const transcribeViewStyles = css`
  .sources {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr));
    gap: var(--sill-space-16);
  }
  .choices {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: var(--sill-space-16) var(--sill-space-24);
  }
  .choices > .field {
    min-width: 11rem;
  }
  .choices .check {
    min-height: 2.25rem;
  }
  sill-model-picker {
    margin-inline-start: auto;
  }
  @media (max-width: 50rem) {
    .choices {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      align-items: start;
    }
    sill-model-picker {
      margin-inline-start: 0;
    }
  }
  h2 {
    overflow-wrap: anywhere;
  }
  audio {
    width: 100%;
    height: 2.75rem;
  }
`;
