import './update-card.ts';
import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { formatDate } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { routeHref } from '../routes.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';

/** What the installed models may become, why not more, and what the device does about it by itself. */
@customElement('sill-updates-view')
export class SillUpdatesView extends SillElement {
  static override styles = [
    shared,
    viewStyles,
    css`
      .list {
        display: grid;
        gap: 1rem;
      }
    `,
  ];

  readonly #models = new ModelsController(this);
  readonly #updates = new UpdatesController(this);

  override render() {
    return html`
      <div class="head">
        <h1>${msg('Updates')}</h1>
        <p>${msg('What the publishers of your models offer, and why not yet.')}</p>
      </div>
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
    const { lastReport, lastError } = store.status;
    const failure = store.error ?? lastError;
    return html`
      ${failure ? html`<sill-error mild .error=${failure}></sill-error>` : nothing}
      <div class="row spread">
        <p class="quiet">${lastReport?.checkedAtMs ? msg(str`Looked at ${formatDate(lastReport.checkedAtMs)}`) : msg('Not looked yet since the page was opened.')}</p>
        <wa-button variant="brand" size="s" ?loading=${store.checking} @click=${() => store.check()}>${msg('Check now')}</wa-button>
      </div>
      ${
        installed.length === 0
          ? html`<p class="card quiet">${msg('No model is on this device yet.')} <a href=${routeHref('models')}>${msg('See all models')}</a></p>`
          : nothing
      }
      <ul class="list" aria-label=${msg('Updates')}>
        ${installed.map((model) => {
          const news = lastReport?.models.find(({ id }) => id === model.id);
          return news ? html`<li><sill-update-card .model=${model} .news=${news}></sill-update-card></li>` : nothing;
        })}
      </ul>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-updates-view': SillUpdatesView;
  }
}
