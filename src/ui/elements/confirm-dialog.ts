import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import { msg } from '@lit/localize';
import { html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';

/**
 * Asks before something that cannot be taken back.
 *
 * @slot - what will happen
 * @fires sill-confirm when the person agrees
 */
@customElement('sill-confirm-dialog')
export class SillConfirmDialog extends SillElement {
  static override styles = [shared];

  @property() heading = '';
  @property() action = '';
  @state() private open = false;

  show(): void {
    this.open = true;
  }

  override render() {
    return html`
      <wa-dialog label=${this.heading} ?open=${this.open} @wa-after-hide=${this.#hidden}>
        <slot></slot>
        <wa-button slot="footer" appearance="plain" @click=${this.#close}>${msg('Cancel')}</wa-button>
        <wa-button slot="footer" variant="danger" @click=${this.#confirm}>${this.action}</wa-button>
      </wa-dialog>
    `;
  }

  #close(): void {
    this.open = false;
  }

  #hidden(event: Event): void {
    if (event.target === event.currentTarget) this.open = false;
  }

  #confirm(): void {
    this.open = false;
    this.dispatchEvent(new CustomEvent('sill-confirm'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-confirm-dialog': SillConfirmDialog;
  }
}
