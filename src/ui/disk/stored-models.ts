import './stored-revision.ts';
import '../elements/confirm-dialog.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { StorageReport, UnfinishedDownload } from '../../protocol/storageReports.ts';
import { SillElement } from '../element.ts';
import { named } from '../elements/named.ts';
import { formatBytes } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { ModelsController } from '../models-controller.ts';
import { routeHref } from '../routes.ts';
import { sectionTitle } from '../section-words.ts';
import { shared } from '../styles/shared.ts';

/** Every revision on the device, and every download that was begun. */
@customElement('sill-stored-models')
export class SillStoredModels extends SillElement {
  static override styles = [
    shared,
    css`
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr));
        gap: var(--sill-space-16);
      }
    `,
  ];

  @property({ attribute: false }) report!: StorageReport;
  readonly #models = new ModelsController(this);
  readonly #kiosk = new KioskController(this);

  override render() {
    const { models, unfinished } = this.report;
    return html`
      <section class="stack">
        <h2>${sectionTitle('storage', 'versions')}</h2>
        ${
          models.length === 0
            ? html`<p class="card quiet">${msg('No model is on this device yet.')} <a href=${routeHref('models')}>${msg('See all models')}</a></p>`
            : html`<ul class="grid" aria-label=${sectionTitle('storage', 'versions')}>
                ${repeat(
                  models,
                  ({ id, revision, role }) => `${id} ${revision} ${role}`,
                  (stored) => html`<li><sill-stored-revision .stored=${stored}></sill-stored-revision></li>`,
                )}
              </ul>`
        }
        ${unfinished.length > 0 ? html`<h2>${msg('Unfinished downloads')}</h2>` : nothing}
        ${unfinished.map((download) => this.#unfinished(download))}
      </section>
    `;
  }

  #unfinished({ id, name, storedBytes, totalBytes, running }: UnfinishedDownload) {
    return html`
      <div class="card row spread">
        <p>${name} <span class="quiet small figures">${msg(str`${formatBytes(storedBytes)} of ${formatBytes(totalBytes)}`)}</span></p>
        ${
          running
            ? html`<p class="small quiet">${msg('Running')}</p>`
            : this.#kiosk.locked
              ? nothing
              : html`<wa-button size="s" appearance="outlined" @click=${() => this.#models.store?.remove(id)}>
                ${named(msg('Discard'), msg(str`Discard what was downloaded of ${name}`))}
              </wa-button>`
        }
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-stored-models': SillStoredModels;
  }
}
