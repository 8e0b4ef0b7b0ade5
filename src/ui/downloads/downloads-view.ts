import { OwnStore } from '../own-store.ts';
import './download-card.ts';
import './download-settings.ts';
import '../elements/error-note.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { DownloadSummary } from '../../protocol/downloadReports.ts';
import { SillElement } from '../element.ts';
import { formatBytes, formatDate, formatSpeed } from '../format.ts';
import { routeHref } from '../routes.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';
import { DownloadsStore } from './downloads-store.ts';

/** What is on its way onto this device, in order, and what lately arrived. */
@customElement('sill-downloads-view')
export class SillDownloadsView extends SillElement {
  static override styles = [
    shared,
    viewStyles,
    css`
      section,
      ol {
        display: grid;
        gap: var(--sill-space-16);
      }
      .finished {
        padding: 0;
      }
      .finished li {
        display: flex;
        flex-wrap: wrap;
        gap: var(--sill-space-4) var(--sill-space-16);
        justify-content: space-between;
        padding: var(--sill-space-12) var(--sill-space-20);
      }
      .finished li + li {
        border-top: 1px solid var(--wa-color-surface-border);
      }
    `,
  ];

  readonly #own = new OwnStore(this, (sill) => new DownloadsStore(sill));

  override render() {
    return html`
      ${viewHead('downloads')}
      ${this.#content()}
    `;
  }

  #content() {
    const store = this.#own.store;
    const { list, settings, error } = store ?? {};
    if (!store || !list || !settings) {
      return error
        ? html`<sill-error .error=${error}></sill-error>`
        : html`<p class="quiet" role="status">${msg('Looking at the queue…')}</p>`;
    }
    const queue = list.filter(({ state }) => state !== 'finished');
    return html`
      <div class="sections">
        ${error ? html`<sill-error .error=${error}></sill-error>` : nothing}
        <section aria-label=${msg('Queue')}>
          ${
            queue.length === 0
              ? html`<p class="card quiet">${msg('Nothing is being downloaded.')} <a href=${routeHref('models')}>${msg('See all models')}</a></p>`
              : html`<ol>
                  ${repeat(
                    queue,
                    ({ revision }) => revision,
                    (download, index) =>
                      html`<li><sill-download-card .download=${download} .store=${store} ?first=${index === 0}></sill-download-card></li>`,
                  )}
                </ol>`
          }
        </section>
        <section aria-labelledby="settings">
          <h2 id="settings">${msg('Speed and cost')}</h2>
          <sill-download-settings .settings=${settings} .store=${store}></sill-download-settings>
        </section>
        ${this.#finished(list.filter(({ state }) => state === 'finished'))}
      </div>
    `;
  }

  #finished(done: readonly DownloadSummary[]) {
    if (done.length === 0) return nothing;
    return html`
      <section aria-labelledby="finished">
        <h2 id="finished">${msg('Recently finished')}</h2>
        <ul class="card finished">
          ${done.map(
            ({ name, progress, finished }) => html`
              <li>
                <span>${name}</span>
                <span class="small quiet figures">${finished ? figures(progress.totalBytes, finished) : nothing}</span>
              </li>
            `,
          )}
        </ul>
      </section>
    `;
  }
}

function figures(totalBytes: number, { atMs, receivedBytes, tookMs }: NonNullable<DownloadSummary['finished']>): string {
  const speed = tookMs > 0 && receivedBytes > 0 ? [msg(str`at ${formatSpeed((receivedBytes * 1000) / tookMs)}`)] : [];
  return [formatDate(atMs), formatBytes(totalBytes), ...speed].join(' · ');
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-downloads-view': SillDownloadsView;
  }
}
