import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { systemTelling, type TellingState } from '../notices/telling.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';

/** Whether the system tells of the end of long work. */
@customElement('sill-notice-settings')
export class SillNoticeSettings extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .card {
        display: grid;
        gap: 0.5rem;
      }
    `,
  ];

  @state() private telling: TellingState = systemTelling.state;
  readonly #look = (): void => {
    this.telling = systemTelling.state;
  };

  override connectedCallback(): void {
    super.connectedCallback();
    systemTelling.addEventListener('change', this.#look);
    // A permission is given and taken in the browser's own settings, too.
    document.addEventListener('visibilitychange', this.#look);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    systemTelling.removeEventListener('change', this.#look);
    document.removeEventListener('visibilitychange', this.#look);
  }

  override render() {
    const { telling } = this;
    return html`
      <div class="card">
        <label class="check">
          <input
            type="checkbox"
            .checked=${telling === 'on'}
            ?disabled=${telling === 'unsupported' || telling === 'denied'}
            aria-describedby="hint"
            @change=${this.#onChange}
          />
          ${msg('Notify me when long work has ended while I am elsewhere')}
        </label>
        <p class="small quiet" id="hint">
          ${msg('Installs, imports, updates, benchmarks and evaluations. It comes from this device, names the model and nothing that you wrote, and a click leads to the result.')}
        </p>
        ${telling === 'denied' ? html`<p class="small" role="status">${msg('The browser was told not to let this site notify you. That can be changed in its settings for this site, often behind the sign beside the address.')}</p>` : nothing}
        ${telling === 'unsupported' ? html`<p class="small" role="status">${msg('This browser has no notifications for this page. What ended is told in the page itself.')}</p>` : nothing}
      </div>
    `;
  }

  async #onChange(event: Event): Promise<void> {
    const field = event.target as HTMLInputElement;
    await systemTelling.choose(field.checked);
    // Refused: the mark that the person set is not true.
    field.checked = this.telling === 'on';
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-notice-settings': SillNoticeSettings;
  }
}
