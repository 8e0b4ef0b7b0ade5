import '../elements/error-note.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { type SillError, toSillError } from '../../core/errors.ts';
import { isComposing } from '../composing.ts';
import { accountName } from '../elements/account-name.ts';
import { SillDialogElement } from '../elements/dialog-element.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import type { ChatStore } from './chat-store.ts';

/** What guesses cannot reach in a day, with PBKDF2 as it is set here, is longer than this; it is a floor and no recommendation. */
const SHORTEST = 8;

/** Sets, changes and removes the passphrase of conversations, which are open at this moment. */
@customElement('sill-passphrase-dialog')
export class SillPassphraseDialog extends SillDialogElement {
  static override styles = [
    shared,
    fields,
    css`
      wa-dialog {
        --width: 32rem;
      }
    `,
  ];

  @property({ attribute: false }) store!: ChatStore;
  @state() private first = '';
  @state() private second = '';
  @state() private working = false;
  @state() private error: SillError | undefined;

  show(): void {
    [this.first, this.second, this.error] = ['', '', undefined];
    void this.reveal();
  }

  protected override dialog() {
    const isSet = this.store.keeper.vault !== undefined;
    return html`
      <wa-dialog label=${isSet ? msg('Passphrase of conversations') : msg('Lock conversations with a passphrase')} ?open=${this.open} @wa-after-hide=${this.afterHide}>
        <form class="stack" @submit=${this.#onSubmit} @keydown=${this.#onKeydown}>
          ${accountName()}
          <p>
            ${
              isSet
                ? msg(
                    'Conversations are encrypted on this device. A new passphrase takes the place of the old one; all of them are encrypted anew.',
                  )
                : msg(
                    'Titles and messages are then encrypted on this device. Each time Sill is opened, it asks for the passphrase before it shows them.',
                  )
            }
          </p>
          <p class="small quiet">
            ${msg('Keep it safe: it is stored nowhere, and without it nobody can open them, neither you nor we. Four words or more that nobody would guess are good. It does not hide how many conversations there are, or how long.')}
          </p>
          <div class="field">
            <label for="first">${isSet ? msg('New passphrase') : msg('Passphrase')}</label>
            <input id="first" type="password" autocomplete="new-password" .value=${live(this.first)} @input=${this.#onFirst} />
            ${this.first && this.first.length < SHORTEST ? html`<p class="wrong">${msg(str`At least ${SHORTEST} characters.`)}</p>` : nothing}
          </div>
          <div class="field">
            <label for="second">${msg('The same again')}</label>
            <input id="second" type="password" autocomplete="new-password" .value=${live(this.second)} @input=${this.#onSecond} />
            ${this.second && this.second !== this.first ? html`<p class="wrong">${msg('They are not the same yet.')}</p>` : nothing}
          </div>
          ${this.error ? html`<sill-error .error=${this.error}></sill-error>` : nothing}
        </form>
        ${
          isSet
            ? html`<wa-button slot="footer" appearance="plain" ?disabled=${this.working} @click=${() => this.#set(undefined)}>${msg('Remove the passphrase')}</wa-button>`
            : html`<wa-button slot="footer" appearance="plain" @click=${this.shut}>${msg('Cancel')}</wa-button>`
        }
        <wa-button slot="footer" variant="brand" ?loading=${this.working} ?disabled=${!this.#isGood} @click=${this.#onSubmit}>
          ${isSet ? msg('Change it') : msg('Lock them')}
        </wa-button>
      </wa-dialog>
    `;
  }

  get #isGood(): boolean {
    return this.first.length >= SHORTEST && this.first === this.second;
  }

  #onFirst(event: Event): void {
    this.first = (event.target as HTMLInputElement).value;
  }

  #onSecond(event: Event): void {
    this.second = (event.target as HTMLInputElement).value;
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    if (this.#isGood) void this.#set(this.first);
  }

  /** The button stands outside of the form, where Enter does not find it. */
  #onKeydown(event: KeyboardEvent): void {
    if (event.key === 'Enter' && !isComposing(event)) this.#onSubmit(event);
  }

  async #set(passphrase: string | undefined): Promise<void> {
    // A second Enter meets a dialog that is on its way out.
    if (this.working || !this.open) return;
    this.working = true;
    this.error = undefined;
    try {
      await this.store.locking.setPassphrase(passphrase);
      this.shut();
    } catch (error) {
      this.error = toSillError(error);
    } finally {
      this.working = false;
    }
  }

  protected override closed(): void {
    [this.first, this.second] = ['', ''];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-passphrase-dialog': SillPassphraseDialog;
  }
}
