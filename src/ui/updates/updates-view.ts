import './catalog-state.ts';
import './update-card.ts';
import './update-policy.ts';
import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { SillElement } from '../element.ts';
import { formatBytes } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { ModelsController } from '../models-controller.ts';
import { routeHref } from '../routes.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';
import { viewHead } from '../view-head.ts';

/** What the installed models may become, why not more, and what the device does about it by itself. */
@customElement('sill-updates-view')
export class SillUpdatesView extends SillElement {
  static override styles = [
    shared,
    viewStyles,
    css`
      .list {
        display: grid;
        gap: var(--sill-space-16);
      }
      .stack {
        gap: var(--sill-space-20);
      }
      h2 {
        margin-bottom: var(--sill-space-12);
      }
    `,
  ];

  readonly #models = new ModelsController(this);
  readonly #kiosk = new KioskController(this);
  readonly #updates = new UpdatesController(this);

  override render() {
    return html`
      ${viewHead('updates')}
      <div class="stack">${this.#content()}</div>
    `;
  }

  #content() {
    const store = this.#updates.store;
    const installed = this.#models.store?.list?.models.filter((model) => model.installed);
    if (!store?.status || !installed) {
      if (store?.error) return html`<sill-error .error=${store.error}></sill-error>`;
      return html`<p class="quiet" role="status">${msg('Looking for installed models…')}</p>`;
    }
    const news = store.status.lastReport?.models ?? [];
    return html`
      <sill-catalog-state></sill-catalog-state>
      ${
        installed.length === 0
          ? html`<p class="card quiet">${msg('No model is on this device yet.')} <a href=${routeHref('models')}>${msg('See all models')}</a></p>`
          : nothing
      }
      ${store.offered.length > 1 ? this.#all() : nothing}
      <ul class="list" aria-label=${msg('Updates by model')}>
        ${repeat(
          installed,
          (model) => model.id,
          (model) => {
            const own = news.find(({ id }) => id === model.id);
            return own ? html`<li><sill-update-card .model=${model} .news=${own}></sill-update-card></li>` : nothing;
          },
        )}
      </ul>
      <section aria-label=${msg('Automatic updates')}>
        <h2>${msg('Automatic updates')}</h2>
        <div class="card"><sill-update-policy></sill-update-policy></div>
      </section>
    `;
  }

  #all() {
    if (this.#kiosk.locked) return nothing;
    const store = this.#updates.store;
    const offers = store?.offered ?? [];
    const sizeBytes = offers.reduce((sum, { offer }) => sum + (offer?.diff.fetchBytes ?? 0), 0);
    return html`
      <div class="row">
        <wa-button size="s" variant="brand" ?disabled=${(store?.actions.size ?? 0) > 0} @click=${() => store?.activateAll()}>
          ${msg(str`Update all ${offers.length}, ${formatBytes(sizeBytes)}`)}
        </wa-button>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-updates-view': SillUpdatesView;
  }
}
