import { css } from 'lit';

export const installDialogStyles = css`
  /* What a person agrees to is read at full size. */
  .facts {
    font-size: var(--wa-font-size-m);
  }
  .verdict {
    font-weight: 600;
  }
  .verdict.fits {
    color: var(--wa-color-success-on-quiet);
  }
  .verdict.tight {
    color: var(--wa-color-warning-on-quiet);
  }
  .verdict.no {
    color: var(--wa-color-danger-on-quiet);
  }
  .reason {
    display: block;
  }
  summary {
    cursor: pointer;
    width: fit-content;
    color: var(--sill-accent);
  }
  fieldset {
    margin: 0.5rem 0 0;
    padding: 0;
    border: 0;
    display: grid;
    gap: 0.25rem;
  }
  .variant {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    align-items: start;
    gap: 0.625rem;
    padding: 0.375rem 0;
  }
  .variant > span {
    display: grid;
  }
  input {
    accent-color: var(--sill-control);
    margin: 0.3rem 0 0;
  }
  .accept {
    display: flex;
    align-items: center;
    gap: 0.625rem;
    flex: 1 0 100%;
    font-weight: 500;
  }
  .accept input {
    width: 1.125rem;
    height: 1.125rem;
    margin: 0;
  }
`;
