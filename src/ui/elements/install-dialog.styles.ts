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
    margin: var(--sill-space-8) 0 0;
    padding: 0;
    border: 0;
    display: grid;
    gap: var(--sill-space-4);
  }
  .variant {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    align-items: start;
    gap: var(--sill-space-10);
    padding: var(--sill-space-6) 0;
  }
  .variant > span {
    display: grid;
  }
  input {
    accent-color: var(--sill-control);
    margin: var(--sill-space-4) 0 0;
  }
  .accept {
    display: flex;
    align-items: center;
    gap: var(--sill-space-10);
    flex: 1 0 100%;
    font-weight: 500;
  }
  .accept input {
    width: 1.125rem;
    height: 1.125rem;
    margin: 0;
  }
`;
