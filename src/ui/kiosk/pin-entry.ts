import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { SillElement } from '../element.ts';
import { accountName } from '../elements/account-name.ts';
import { formatSpan } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { kioskControls, kioskType } from './kiosk.styles.ts';
import { PinTrying } from './pin-trying.ts';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

/**
 * Asks the staff for its PIN, with keys for a screen that has no keyboard.
 *
 * @fires sill-cancel when whoever is there goes on as before
 */
@customElement('sill-pin-entry')
export class SillPinEntry extends SillElement {
  static override styles = [
    shared,
    kioskType,
    kioskControls,
    css`
      h1 {
        font-size: 1.25em;
      }
      :host {
        display: grid;
        justify-content: center;
      }
      form {
        display: grid;
        gap: 0.75em;
        width: min(100vw - 2.5em, max(22rem, 15em));
      }
      .keys {
        display: grid;
        grid-template-columns: repeat(3, 1fr);
        gap: 0.5em;
      }
      input {
        text-align: center;
        letter-spacing: 0.3em;
      }
      .row > * {
        flex: 1 1 auto;
      }
      details {
        font-size: max(0.8em, 1rem);
        text-align: start;
      }
      summary {
        min-height: 3rem;
        display: grid;
        place-content: center;
        cursor: pointer;
        text-decoration: underline;
        text-underline-offset: 0.2em;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      details p + p {
        margin-top: 0.5em;
      }
    `,
  ];

  /** Whether anything is to be asked for. */
  @property({ type: Boolean }) needed = false;
  /** Until a PIN may be tried again, as it was when this was set. */
  @property({ type: Number }) retryAfterMs = 0;
  /** @throws SillError `forbidden` with `retryAfterMs` */
  @property({ attribute: false }) unlock!: (pin: string) => Promise<void>;
  @state() private pin = '';
  readonly #trying = new PinTrying(this);
  @query('[type=password]') private field!: HTMLInputElement | null;

  protected override firstUpdated(): void {
    this.field?.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('retryAfterMs')) this.#trying.wait(this.retryAfterMs);
  }

  override render() {
    const { waitSeconds: wait, checking, problem } = this.#trying;
    return html`
      <form @submit=${this.#onSubmit} aria-label=${msg('For staff')}>
        <h1>${msg('For staff')}</h1>
        ${this.needed ? accountName() : nothing} ${this.needed ? this.#keys() : html`<p>${msg('No PIN is set on this device.')}</p>`}
        ${problem ? html`<p role="alert">${problem}</p>` : nothing}
        <div class="row">
          <button type="button" @click=${() => this.dispatchEvent(new CustomEvent('sill-cancel'))}>${msg('Back')}</button>
          <button class="main" ?disabled=${checking || wait > 0 || (this.needed && this.pin === '')}>
            ${checking ? msg('Checking…') : wait > 0 ? msg(str`Wait ${formatSpan(wait)}`) : msg('Unlock')}
          </button>
        </div>
        ${this.needed ? this.#forgotten() : nothing}
      </form>
    `;
  }

  #forgotten() {
    return html`
      <details>
        <summary>${msg('PIN forgotten?')}</summary>
        <p>
          ${msg('Whoever runs this site opens the device: a new PIN under “kiosk” in sill.policy.json goes before this one. The device takes it within a quarter of an hour, or when it is started again.')}
        </p>
        <p>
          ${msg('A device that reaches no server is opened by clearing the data of this site in the browser’s own settings. That erases the models too: bring them on a stick.')}
        </p>
      </details>
    `;
  }

  #keys() {
    return html`
      <label>
        <span class="visually-hidden">${msg('PIN')}</span>
        <input type="password" autocomplete="off" maxlength="64" placeholder=${msg('PIN')} .value=${live(this.pin)} @input=${this.#onInput} />
      </label>
      <div class="keys" role="group" aria-label=${msg('Keys')}>
        ${KEYS.map((key) => this.#key(key))}
        <button type="button" aria-label=${msg('Delete all')} @click=${() => (this.pin = '')}><wa-icon name="xmark"></wa-icon></button>
        ${this.#key('0')}
        <button type="button" aria-label=${msg('Delete the last')} @click=${() => (this.pin = this.pin.slice(0, -1))}>
          <wa-icon name="chevron-left"></wa-icon>
        </button>
      </div>
    `;
  }

  #key(key: string) {
    return html`<button type="button" @click=${() => (this.pin += key)}>${key}</button>`;
  }

  #onInput(event: Event): void {
    if (event.target instanceof HTMLInputElement) this.pin = event.target.value;
  }

  #onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    void this.#trying.try(() =>
      this.unlock(this.pin).finally(() => {
        this.pin = '';
      }),
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-pin-entry': SillPinEntry;
  }
}
