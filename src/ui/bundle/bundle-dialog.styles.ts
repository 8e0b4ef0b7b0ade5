import { css } from 'lit';

export const bundleDialogStyles = css`
  .models {
    display: grid;
    gap: var(--sill-space-16);
  }
  .model {
    display: grid;
    gap: var(--sill-space-6);
    padding: var(--sill-space-14) var(--sill-space-16);
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--sill-radius);
  }
  .title {
    display: flex;
    flex-wrap: wrap;
    gap: var(--sill-space-4) var(--sill-space-12);
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
    gap: var(--sill-space-8);
  }
  .note wa-icon {
    margin-top: var(--sill-icon-drop);
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
    gap: var(--sill-space-10);
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
