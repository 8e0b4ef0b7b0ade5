import { css } from 'lit';

/** Native fields in the look of the component library's: many small numbers need no component each. */
export const fields = css`
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
    min-width: 0;
  }
  legend {
    padding: 0;
    margin-bottom: var(--sill-space-8);
    font-weight: 500;
    font-size: var(--wa-font-size-s);
  }
  .field {
    display: grid;
    gap: var(--sill-space-4);
  }
  .field .top {
    display: flex;
    justify-content: space-between;
    align-items: baseline;
    gap: var(--sill-space-8);
  }
  .field label {
    font-weight: 500;
    font-size: var(--wa-font-size-s);
  }
  .field output {
    font-variant-numeric: tabular-nums;
    font-size: var(--wa-font-size-s);
    color: var(--wa-color-text-quiet);
  }
  .field .hint {
    font-size: var(--wa-font-size-s);
    line-height: 1.4;
    color: var(--wa-color-text-quiet);
  }
  .field .wrong {
    font-size: var(--wa-font-size-s);
    color: var(--wa-color-danger-on-quiet);
  }
  input[type='range'] {
    width: 100%;
    margin: var(--sill-space-4) 0;
    height: 1.25rem;
    accent-color: var(--sill-control);
  }
  input:is([type='number'], [type='text'], [type='search'], [type='password'], [type='time']),
  select {
    width: 100%;
    min-height: 2.25rem;
    padding: var(--sill-space-4) var(--sill-space-10);
    border: 1px solid var(--wa-form-control-border-color);
    border-radius: var(--wa-border-radius-m);
    background: var(--wa-color-surface-default);
    color: var(--wa-color-text-normal);
    font: inherit;
    font-variant-numeric: tabular-nums;
  }
  @media (pointer: coarse) {
    input:is([type='number'], [type='text'], [type='search'], [type='password'], [type='time']),
    select {
      min-height: 2.75rem;
    }
  }
  input:disabled,
  select:disabled {
    opacity: 0.55;
  }
  input[type='checkbox'] {
    /* Beside words that take more than one line it would shrink. */
    flex: none;
    width: var(--sill-checkbox);
    height: var(--sill-checkbox);
    margin: 0;
    accent-color: var(--sill-control);
  }
  .check {
    display: flex;
    align-items: center;
    gap: var(--sill-space-8);
    font-size: var(--wa-font-size-s);
  }
`;
