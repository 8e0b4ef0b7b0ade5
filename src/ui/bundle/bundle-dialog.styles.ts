import { css } from 'lit';

export const bundleDialogStyles = css`
  .models {
    display: grid;
    gap: 1rem;
  }
  .model {
    display: grid;
    gap: 0.375rem;
    padding: 0.875rem 1rem;
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--sill-radius);
  }
  .title {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 0.75rem;
    justify-content: space-between;
    align-items: baseline;
  }
  .state {
    font-size: var(--wa-font-size-s);
    font-weight: 600;
  }
  .state.present {
    color: var(--wa-color-success-on-quiet);
  }
  .state.refused {
    color: var(--wa-color-danger-on-quiet);
  }
  .note {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.5rem;
  }
  .note wa-icon {
    margin-top: 0.2rem;
    color: var(--wa-color-warning-on-quiet);
  }
  .share {
    display: flex;
    height: 0.5rem;
    border-radius: 999px;
    overflow: hidden;
    background: var(--wa-color-neutral-fill-normal);
  }
  .share span {
    background: var(--wa-color-brand-50);
  }
  summary {
    cursor: pointer;
    width: fit-content;
    color: var(--sill-accent);
    font-size: var(--wa-font-size-s);
  }
  input {
    accent-color: var(--sill-control);
    width: 1.125rem;
    height: 1.125rem;
    margin: 0;
    flex: none;
  }
  .accept,
  .choice {
    display: flex;
    align-items: center;
    gap: 0.625rem;
  }
  .choice > span {
    min-width: 0;
    flex: 1;
  }
  .choice .figures {
    flex: none;
  }
  .accept {
    flex: 1 0 100%;
    font-weight: 500;
  }
`;
