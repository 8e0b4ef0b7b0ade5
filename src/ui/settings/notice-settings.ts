import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { EventsController } from '../events-controller.ts';
import { systemTelling } from '../notices/telling.ts';
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
        gap: var(--sill-space-8);
      }
    `,
  ];

  constructor() {
    super();
    new EventsController(this, systemTelling);
    // A permission is given and taken in the browser's own settings, too.
    new EventsController(this, document, ['visibilitychange']);
  }

  override render() {
    const { state: telling } = systemTelling;
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
    field.checked = systemTelling.state === 'on';
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-notice-settings': SillNoticeSettings;
  }
}
