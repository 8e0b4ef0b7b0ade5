import './copy-tool.ts';
import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';

/** Code of an answer, to be copied. */
@customElement('sill-code-block')
export class SillCodeBlock extends SillElement {
  static override styles = [
    shared,
    css`
      figure {
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-m);
        background: var(--wa-color-surface-lowered);
        overflow: hidden;
      }
      figcaption {
        display: flex;
        justify-content: space-between;
        align-items: center;
        padding-inline-start: 0.75rem;
        border-bottom: 1px solid var(--wa-color-surface-border);
        font-size: 0.8125rem;
        color: var(--wa-color-text-quiet);
      }
      pre {
        margin: 0;
        padding: 0.75rem;
        overflow-x: auto;
        font-size: var(--wa-font-size-s);
        line-height: 1.5;
        tab-size: 2;
      }
    `,
  ];

  @property({ attribute: false }) code = '';
  @property() language = '';

  override render() {
    const named = this.language || msg('Code');
    return html`
      <figure>
        <figcaption>
          <span>${named}</span>
          <sill-copy-tool .text=${this.code} label=${msg('Copy the code')}></sill-copy-tool>
        </figcaption>
        <pre tabindex="0" role="group" aria-label=${msg(str`Code: ${named}`)}><code>${this.code}</code></pre>
      </figure>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-code-block': SillCodeBlock;
  }
}
