import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { shortRevision } from '../../core/ids.ts';
import type { ModelSummary, ModelUpdate, OfferSummary } from '../../protocol/reports.ts';
import { SillElement } from '../element.ts';
import { named } from '../elements/named.ts';
import { formatBytes } from '../format.ts';
import { routeHref } from '../routes.ts';
import { shared } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';
import { withheldWords } from '../versions/version-words.ts';

/** What one installed model may become. */
@customElement('sill-update-card')
export class SillUpdateCard extends SillElement {
  static override styles = [
    shared,
    css`
      article {
        display: grid;
        gap: 0.625rem;
      }
      .notes {
        white-space: pre-line;
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;
  @property({ attribute: false }) news!: ModelUpdate;
  readonly #updates = new UpdatesController(this);

  override render() {
    const { model, news } = this;
    const failure = this.#updates.store?.failures.get(model.id) ?? news.error;
    return html`
      <article class="card" aria-label=${model.name}>
        <div class="row spread">
          <h2>${model.name}</h2>
          <a class="small" href=${routeHref('versions', { model: model.id })}>${named(msg('Versions'), msg(str`Versions of ${model.name}`))}</a>
        </div>
        ${failure ? html`<sill-error .error=${failure}></sill-error>` : nothing}
        ${news.withdrawn.map(({ revision, reason }) => html`<p>${msg(str`Version ${shortRevision(revision)} was taken back by its publisher: ${reason}`)}</p>`)}
        ${news.offer ? this.#offer(news.offer) : html`<p class="quiet">${msg('Nothing newer is on offer.')}</p>`}
        ${news.withheld.map(({ revision, why }) => html`<p class="small quiet"><code>${shortRevision(revision)}</code>: ${withheldWords(why)}</p>`)}
      </article>
    `;
  }

  #offer(offer: OfferSummary) {
    const store = this.#updates.store;
    const { model } = this;
    return html`
      <p class="figures">
        ${msg(str`Version ${shortRevision(offer.revision)}`)} · ${msg(str`${formatBytes(offer.diff.fetchBytes)} to download of ${formatBytes(offer.diff.toBytes)}`)}
      </p>
      ${offer.notes ? html`<p class="notes">${offer.notes}</p>` : nothing}
      <div class="row">
        <wa-button
          size="s"
          variant="brand"
          ?disabled=${store?.actions.has(model.id)}
          ?loading=${store?.actions.get(model.id) === 'updating'}
          @click=${() => store?.activate(model.id, offer.revision)}
        >
          ${named(msg('Update'), msg(str`Update ${model.name}`))}
        </wa-button>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-update-card': SillUpdateCard;
  }
}
