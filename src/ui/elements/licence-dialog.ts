import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';
import { DialogController } from './dialog-controller.ts';

/** The name of a model's licence as a button, and its full text in a dialog. */
@customElement('sill-licence')
export class SillLicence extends SillElement {
  static override styles = [
    shared,
    css`
      :host {
        display: inline;
      }
      wa-dialog {
        --width: 46rem;
      }
      pre {
        margin: 0;
        max-height: 60dvh;
        overflow: auto;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        font-family: var(--wa-font-family-code);
        font-size: 0.8125rem;
        line-height: 1.5;
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;
  readonly #dialog = new DialogController(this);

  override render() {
    const { licence, name } = this.model;
    return html`
      <button class="link" aria-label=${msg(str`Licence of ${name}: ${licence.spdx}`)} @click=${this.#dialog.open}>${licence.spdx}</button>
      <wa-dialog label=${msg(str`Licence of ${name}`)} ?open=${this.#dialog.isOpen} light-dismiss @wa-after-hide=${this.#dialog.onHidden}>
        <pre tabindex="0" role="region" aria-label=${msg('Text of the licence')}>${licence.text}</pre>
        <wa-button slot="footer" @click=${this.#dialog.close}>${msg('Close')}</wa-button>
      </wa-dialog>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-licence': SillLicence;
  }
}
