import './confirm-dialog.ts';
import './error-note.ts';
import './progress-line.ts';
import { css, html, nothing, type TemplateResult } from 'lit';
import type { ErrorData } from '../../core/errors.ts';

export interface Unfinished {
  readonly name: string;
  /** Which it is exactly. */
  readonly what: unknown;
  readonly error?: ErrorData | undefined;
  /** What the bar tells of, how far it is (0 to 1, undefined when nobody knows), and the line below it. */
  readonly progress: { readonly label: string; readonly fraction: number | undefined; readonly words: string };
  /** Below the bar. */
  readonly more?: unknown;
  readonly buttons: unknown;
  /** The question before it is given up: a `sill-confirm-dialog`, which one of the buttons opens. */
  readonly cancel: { readonly heading: string; readonly action: string; readonly words: string; readonly onConfirm: () => unknown };
}

/** Needs the shared styles. */
export const unfinishedStyles = css`
  article {
    display: grid;
    gap: var(--sill-space-12);
  }
  .what {
    overflow-wrap: anywhere;
  }
`;

/** The card of something that is under way, or waits: what it is, how far it is, and what can be done about it. */
export const unfinishedCard = ({ name, what, error, progress, more, buttons, cancel }: Unfinished): TemplateResult => html`
  <article class="card" aria-label=${name}>
    <div>
      <h3>${name}</h3>
      <p class="what small quiet">${what}</p>
    </div>
    ${error ? html`<sill-error .error=${error}></sill-error>` : nothing}
    <sill-progress label=${progress.label} .fraction=${progress.fraction} .words=${progress.words}></sill-progress>
    ${more ?? nothing}
    <div class="row">${buttons}</div>
  </article>
  <sill-confirm-dialog heading=${cancel.heading} action=${cancel.action} @sill-confirm=${cancel.onConfirm}><p>${cancel.words}</p></sill-confirm-dialog>
`;
