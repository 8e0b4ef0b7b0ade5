import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { CONSENTED } from '../../core/guests.ts';
import { SillElement } from '../element.ts';
import { ClearSight } from './clear-sight.ts';
import { embedStyles, untouchable } from './embed.styles.ts';

/**
 * Asks whether a page that nobody named may use the models of this device. In the colours of Sill, whatever the page wants; "Allow" can be pressed once it
 * was seen uncovered, or once the letters beside it were typed.
 *
 * @fires sill-decided with true or false
 */
@customElement('sill-guest-consent')
export class SillGuestConsent extends SillElement {
  static override styles = [embedStyles, untouchable];

  @property() origin = '';
  @state() private typed = '';
  @query('.card') private card!: Element | null;
  readonly #sight = new ClearSight(this, () => this.card);

  override render() {
    const { code } = this.#sight;
    const tokens = (CONSENTED.tokensPerDay ?? 0).toLocaleString(document.documentElement.lang);
    return html`
      <div class="card" role="group" aria-labelledby="question">
        <h1 id="question">${msg('May this page use the language models on your device?')}</h1>
        <p class="origin">${this.origin}</p>
        <p class="quiet">
          ${msg('Its questions are answered here and go nowhere else. It sees neither your conversations nor your documents, and can change nothing.')}
          ${msg(str`It may have ${tokens} tokens read and written a day, which takes power and time of this device.`)}
        </p>
        ${
          code === undefined
            ? nothing
            : html`<label class="row">${msg(str`Type ${code} to allow it:`)} <input autocomplete="off" size="6" .value=${this.typed} @input=${this.#onType} /></label>`
        }
        <div class="row">
          <button class="main" ?disabled=${!this.#mayAllow} @click=${() => this.emit('sill-decided', true)}>${msg('Allow')}</button>
          <button @click=${() => this.emit('sill-decided', false)}>${msg('Refuse')}</button>
        </div>
      </div>
    `;
  }

  get #mayAllow(): boolean {
    const { code, clear } = this.#sight;
    return code === undefined ? clear : this.typed.trim().toUpperCase() === code;
  }

  #onType(event: InputEvent): void {
    if (event.target instanceof HTMLInputElement) this.typed = event.target.value;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-guest-consent': SillGuestConsent;
  }
}
