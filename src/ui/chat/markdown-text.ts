import './code-block.ts';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';
import { ANSWER, type Reading, renderMarkdown } from './markdown.ts';

/** What a model wrote, as it meant it to look. */
@customElement('sill-markdown')
export class SillMarkdown extends SillElement {
  static override styles = [
    shared,
    css`
      .text {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--sill-space-12);
        overflow-wrap: anywhere;
      }
      .text > *,
      blockquote > * {
        min-width: 0;
      }
      ul,
      ol {
        padding-inline-start: var(--sill-space-24);
        display: grid;
        gap: var(--sill-space-4);
      }
      ul {
        list-style: disc;
      }
      ol {
        list-style: decimal;
      }
      li > * + * {
        margin-top: var(--sill-space-6);
      }
      h2,
      h3,
      h4,
      h5 {
        margin: var(--sill-space-6) 0 0;
        line-height: 1.35;
        font-weight: 650;
        font-size: var(--wa-font-size-m);
      }
      h2 {
        font-size: var(--wa-font-size-l);
      }
      h3 {
        font-size: var(--sill-font-size-heading);
      }
      blockquote {
        margin: 0;
        padding-inline-start: var(--sill-space-14);
        border-inline-start: 3px solid var(--wa-color-neutral-border-normal);
        color: var(--wa-color-text-quiet);
      }
      hr {
        width: 100%;
        margin: var(--sill-space-4) 0;
        border: 0;
        border-top: 1px solid var(--wa-color-surface-border);
      }
      code {
        padding: 0.1em 0.3em;
        border-radius: var(--wa-border-radius-s);
        background: var(--wa-color-neutral-fill-quiet);
      }
      .table {
        overflow-x: auto;
      }
      table {
        border-collapse: collapse;
        font-size: var(--wa-font-size-s);
      }
      th,
      td {
        padding: var(--sill-space-6) var(--sill-space-12);
        border: 1px solid var(--wa-color-surface-border);
        text-align: start;
        vertical-align: top;
      }
      :is(th, td).right {
        text-align: end;
      }
      :is(th, td).center {
        text-align: center;
      }
      .address {
        font-size: var(--wa-font-size-s);
        color: var(--wa-color-text-quiet);
      }
      .picture wa-icon {
        vertical-align: -0.15em;
        margin-inline-end: var(--sill-space-6);
      }
    `,
  ];

  @property({ attribute: false }) text = '';
  @property({ attribute: false }) reading: Reading = ANSWER;

  override render() {
    return html`<div class="text">${renderMarkdown(this.text, this.reading)}</div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-markdown': SillMarkdown;
  }
}
