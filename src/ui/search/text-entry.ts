import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/textarea/textarea.js';
import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';

/**
 * A document that is no file: pasted or typed.
 *
 * @fires sill-text with the text as detail
 */
@customElement('sill-text-entry')
export class SillTextEntry extends SillElement {
  static override styles = [
    shared,
    css`
      summary {
        cursor: pointer;
        width: fit-content;
        font-size: var(--wa-font-size-s);
        color: var(--sill-accent);
      }
      .stack {
        gap: var(--sill-space-8);
        margin-top: var(--sill-space-8);
        justify-items: start;
      }
      wa-textarea {
        width: 100%;
      }
    `,
  ];

  @state() private text = '';
  @query('details') private details!: HTMLDetailsElement;

  override render() {
    return html`
      <details>
        <summary>${msg('Paste or type a text')}</summary>
        <div class="stack">
          <wa-textarea size="s" label=${msg('Text of the document')} rows="5" .value=${this.text} @input=${this.#onInput}></wa-textarea>
          <wa-button size="s" appearance="outlined" ?disabled=${this.text.trim() === ''} @click=${this.#add}>${msg('Add text')}</wa-button>
        </div>
      </details>
    `;
  }

  #onInput(event: Event): void {
    this.text = (event.target as HTMLTextAreaElement).value;
  }

  #add(): void {
    this.dispatchEvent(new CustomEvent('sill-text', { detail: this.text }));
    this.text = '';
    this.details.open = false;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-text-entry': SillTextEntry;
  }
}
