import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { DownloadSettings } from '../../protocol/downloadReports.ts';
import { Attempts } from '../attempts.ts';
import { SillElement } from '../element.ts';
import '../elements/error-note.ts';
import { isDecided, operatorNote } from '../elements/operator-note.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import type { DownloadsStore } from './downloads-store.ts';

const MEGABYTE = 1e6;
/** Offered when a limit is wished for the first time: a video call beside it goes on. */
const FIRST_LIMIT = 2 * MEGABYTE;

/** How fast downloads may be, and what they do on a connection that costs. */
@customElement('sill-download-settings')
export class SillDownloadSettings extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .card {
        margin: 0;
        display: grid;
        gap: var(--sill-space-16);
      }
      .failure {
        margin-bottom: var(--sill-space-12);
      }
      .limit {
        max-width: 12rem;
      }
      .unit {
        display: flex;
        align-items: center;
        gap: var(--sill-space-8);
      }
    `,
  ];

  @property({ attribute: false }) settings!: DownloadSettings;
  @property({ attribute: false }) store!: DownloadsStore;
  readonly #attempts = new Attempts(this);

  override render() {
    const { bytesPerSecond, metered } = this.settings;
    const { failure } = this.#attempts;
    return html`
      ${failure ? html`<sill-error class="failure" .error=${failure.toData()}></sill-error>` : nothing}
      <fieldset class="card" ?disabled=${isDecided(this.store.operator, 'downloads')}>
        ${operatorNote(this.store.operator, 'downloads')}
        <div class="stack">
          <label class="check">
            <input type="checkbox" .checked=${live(bytesPerSecond !== undefined)} @change=${this.#setLimited} />${msg('Limit the speed of downloads')}
          </label>
          ${
            bytesPerSecond === undefined
              ? ''
              : html`
                  <div class="field limit">
                    <label for="limit">${msg('At most, all together')}</label>
                    <div class="unit">
                      <input id="limit" type="number" min="0.1" max="1000" step="0.1" .value=${live(String(bytesPerSecond / MEGABYTE))} @change=${this.#setLimit} />
                      <span>MB/s</span>
                    </div>
                  </div>
                `
          }
        </div>
        <div>
          <label class="check">
            <input type="checkbox" .checked=${live(metered === 'ask')} aria-describedby="metered-hint" @change=${this.#setMetered} />${msg('Ask before using a connection that may cost')}
          </label>
          <p class="small quiet" id="metered-hint">
            ${msg('Mobile data, or a browser that was told to save data. Not every browser can tell.')}
          </p>
        </div>
      </fieldset>
    `;
  }

  #setLimited(event: Event): void {
    this.#change({ limit: (event.target as HTMLInputElement).checked ? FIRST_LIMIT : undefined });
  }

  #setLimit(event: Event): void {
    const { valueAsNumber } = event.target as HTMLInputElement;
    // A refused value leaves the field again.
    if (valueAsNumber >= 0.1 && valueAsNumber <= 1000) this.#change({ limit: Math.round(valueAsNumber * MEGABYTE) });
    else this.requestUpdate();
  }

  #setMetered(event: Event): void {
    this.#change({ limit: this.settings.bytesPerSecond, metered: (event.target as HTMLInputElement).checked ? 'ask' : 'allow' });
  }

  #change({ limit, metered = this.settings.metered }: { limit: number | undefined; metered?: DownloadSettings['metered'] }): void {
    void this.#attempts.make(() => this.store.setSettings({ metered, ...(limit === undefined ? {} : { bytesPerSecond: limit }) }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-download-settings': SillDownloadSettings;
  }
}
