import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { SillDialogElement } from './dialog-element.ts';

/**
 * Asks before something that cannot be taken back.
 *
 * @slot - what will happen
 * @fires sill-confirm when the person agrees
 */
@customElement('sill-confirm-dialog')
export class SillConfirmDialog extends SillDialogElement {
  static override styles = [
    shared,
    fields,
    css`
      .field {
        margin-top: var(--sill-space-16);
        font-size: var(--wa-font-size-s);
      }
    `,
  ];

  @property() heading = '';
  @property() action = '';
  /** To be typed before the person can agree: for what destroys more than a slip of the hand should. */
  @property() word = '';
  @state() private typed = '';

  show(): void {
    this.typed = '';
    void this.reveal();
  }

  protected override dialog() {
    return html`
      <wa-dialog label=${this.heading} ?open=${this.open} @wa-after-hide=${this.afterHide}>
        <slot></slot>
        ${this.word ? this.#ask() : nothing}
        <wa-button slot="footer" appearance="plain" @click=${this.shut}>${msg('Cancel')}</wa-button>
        <wa-button slot="footer" variant="danger" ?disabled=${!this.#agreed} @click=${this.#confirm}>${this.action}</wa-button>
      </wa-dialog>
    `;
  }

  get #agreed(): boolean {
    return this.word === '' || this.typed.trim().toLocaleLowerCase() === this.word.toLocaleLowerCase();
  }

  #ask() {
    return html`
      <label class="field">
        ${msg(str`Type “${this.word}” to agree`)}
        <input type="text" autocomplete="off" autocapitalize="off" spellcheck="false" .value=${live(this.typed)} @input=${this.#onTyped} />
      </label>
    `;
  }

  #onTyped(event: Event): void {
    this.typed = (event.target as HTMLInputElement).value;
  }

  #confirm(): void {
    if (!this.#agreed) return;
    this.shut();
    this.dispatchEvent(new CustomEvent('sill-confirm'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-confirm-dialog': SillConfirmDialog;
  }
}
