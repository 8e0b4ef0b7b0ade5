import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { shared } from '../styles/shared.ts';
import { SillDialogElement } from './dialog-element.ts';

/** The name of a model's licence as a button, and its full text in a dialog. */
@customElement('sill-licence')
export class SillLicence extends SillDialogElement {
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
        font-size: var(--wa-font-size-s);
        line-height: 1.5;
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;

  protected override render() {
    const { licence, name } = this.model;
    return html`
      <button class="link" aria-label=${msg(str`Licence of ${name}: ${licence.spdx}`)} @click=${this.reveal}>${licence.spdx}</button>
      ${super.render()}
    `;
  }

  protected override dialog() {
    const { licence, name } = this.model;
    return html`
      <wa-dialog label=${msg(str`Licence of ${name}`)} ?open=${this.open} light-dismiss @wa-after-hide=${this.afterHide}>
        <pre tabindex="0" role="region" aria-label=${msg('Text of the licence')}>${licence.text}</pre>
        <wa-button slot="footer" @click=${this.shut}>${msg('Close')}</wa-button>
      </wa-dialog>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-licence': SillLicence;
  }
}
