import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { toSillError } from '../../core/errors.ts';
import { SillElement } from '../element.ts';
import { accountName } from '../elements/account-name.ts';
import { errorWords } from '../errors.ts';
import { formatDuration } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { kioskControls, kioskType } from './kiosk.styles.ts';

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
      form {
        display: grid;
        gap: 0.75em;
        width: min(100%, 22rem);
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
    `,
  ];

  /** Whether anything is to be asked for. */
  @property({ type: Boolean }) needed = false;
  /** @throws SillError `forbidden` with `retryAfterMs` */
  @property({ attribute: false }) unlock!: (pin: string) => Promise<void>;
  @state() private pin = '';
  @state() private checking = false;
  @state() private problem = '';
  @query('[type=password]') private field!: HTMLInputElement | null;

  protected override firstUpdated(): void {
    this.field?.focus();
  }

  override render() {
    return html`
      <form @submit=${this.#onSubmit} aria-label=${msg('For staff')}>
        <h1>${msg('For staff')}</h1>
        ${this.needed ? accountName() : nothing} ${this.needed ? this.#keys() : html`<p>${msg('No PIN is set on this device.')}</p>`}
        ${this.problem ? html`<p role="alert">${this.problem}</p>` : nothing}
        <div class="row">
          <button type="button" @click=${() => this.dispatchEvent(new CustomEvent('sill-cancel'))}>${msg('Back')}</button>
          <button class="main" ?disabled=${this.checking || (this.needed && this.pin === '')}>${this.checking ? msg('Checking…') : msg('Unlock')}</button>
        </div>
      </form>
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

  async #onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.checking) return;
    this.checking = true;
    this.problem = '';
    try {
      await this.unlock(this.pin);
    } catch (reason) {
      this.problem = refusal(reason);
    } finally {
      this.pin = '';
      this.checking = false;
    }
  }
}

function refusal(reason: unknown): string {
  const error = toSillError(reason);
  const { reason: why, retryAfterMs } = error.details;
  if (error.code !== 'forbidden') return `${errorWords(error).title}. ${msg('The PIN cannot be checked now.')}`;
  if (why === 'no-pin') return msg('The operator of this site locked this device without a PIN: sill.policy.json alone opens it.');
  const wait = typeof retryAfterMs === 'number' && retryAfterMs > 0 ? formatDuration(Math.ceil(retryAfterMs / 1000)) : undefined;
  if (why === 'too-early')
    return msg(str`Too many wrong PINs. Wait ${wait ?? ''} before the next try; turning the device off does not shorten it.`);
  return wait === undefined ? msg('The PIN is not right.') : msg(str`The PIN is not right. The next try is in ${wait}.`);
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-pin-entry': SillPinEntry;
  }
}
