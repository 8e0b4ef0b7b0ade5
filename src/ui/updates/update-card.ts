import '../elements/error-note.ts';
import '../elements/update-progress.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import { shortRevision } from '../../core/ids.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import type { ModelUpdate, OfferSummary } from '../../protocol/updateReports.ts';
import { SillElement } from '../element.ts';
import { named } from '../elements/named.ts';
import { ofCatalog } from '../errors.ts';
import { formatBytes, formatDate } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { routeHref } from '../routes.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';
import { withheldWords } from '../versions/version-words.ts';

/** What one installed model may become, and why not more. */
@customElement('sill-update-card')
export class SillUpdateCard extends SillElement {
  static override styles = [
    shared,
    marks,
    css`
      article {
        display: grid;
        gap: var(--sill-space-12);
      }
      .bytes {
        display: flex;
        gap: 2px;
        height: 0.5rem;
        max-width: 34rem;
        margin-bottom: var(--sill-space-6);
        overflow: hidden;
        border-radius: var(--wa-border-radius-pill);
      }
      .bytes span {
        flex-basis: 0;
        background: var(--wa-color-neutral-border-normal);
      }
      .bytes .fetch {
        min-width: 3px;
        background: var(--wa-color-brand-50);
      }
      .withheld {
        display: grid;
        gap: var(--sill-space-8);
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;
  @property({ attribute: false }) news!: ModelUpdate;
  readonly #updates = new UpdatesController(this);
  readonly #kiosk = new KioskController(this);

  override render() {
    const { model, news } = this;
    const running = this.#updates.store?.actions.get(model.id) === 'updating';
    return html`
      <article class="card" aria-label=${model.name}>
        <div class="row spread">
          <h2>${model.name}</h2>
          <a class="small" href=${routeHref('versions', { model: model.id })}>${named(msg('Versions'), msg(str`Versions of ${model.name}`))}</a>
        </div>
        <p class="small quiet figures">
          ${msg(str`In use: version ${shortRevision(news.active)}`)}${news.pinned ? html` · ${msg(str`pinned to ${shortRevision(news.pinned)}`)}` : nothing}
        </p>
        ${news.error ? html`<sill-error mild .error=${ofCatalog(news.error)}></sill-error>` : nothing}
        ${news.withdrawn.map(
          ({ revision, isActive, reason }) => html`
            <p class="note bad">
              <wa-icon name="warning"></wa-icon>
              <span>
                ${
                  isActive
                    ? msg(str`The publisher took back the version that is in use here (${shortRevision(revision)}): ${reason}`)
                    : msg(str`The publisher took back version ${shortRevision(revision)}, which is on this device: ${reason}`)
                }
              </span>
            </p>
          `,
        )}
        ${news.offer ? this.#offer(news.offer, running) : news.error ? nothing : html`<p class="quiet">${msg('Nothing newer is on offer.')}</p>`}
        <sill-update-progress .model=${model}></sill-update-progress>
        ${this.#withheld()}
      </article>
    `;
  }

  #offer(offer: OfferSummary, running: boolean) {
    const { model } = this;
    const store = this.#updates.store;
    const { fetchBytes, toBytes } = offer.diff;
    return html`
      <div class="row">
        <strong>${msg(str`Version ${shortRevision(offer.revision)}`)}</strong>
        ${offer.critical ? html`<span class="mark warn">${msg('Critical')}</span>` : nothing}
        ${offer.channel === 'beta' ? html`<span class="mark">${msg('Beta')}</span>` : nothing}
        ${offer.early ? html`<span class="mark" title=${msg('Its rollout has not come to this device yet.')}>${msg('Early')}</span>` : nothing}
        ${offer.publishedAtMs === undefined ? nothing : html`<span class="small quiet">${msg(str`published ${formatDate(offer.publishedAtMs)}`)}</span>`}
      </div>
      ${offer.notes ? html`<p class="release">${offer.notes}</p>` : nothing}
      <div>
        <div class="bytes" aria-hidden="true">
          <span class="fetch" style=${styleMap({ 'flex-grow': String(fetchBytes) })}></span><span style=${styleMap({ 'flex-grow': String(toBytes - fetchBytes) })}></span>
        </div>
        <p class="small figures">
          ${
            fetchBytes === 0
              ? msg(str`Nothing to download: all ${formatBytes(toBytes)} are on this device.`)
              : msg(str`${formatBytes(fetchBytes)} to download; ${formatBytes(toBytes - fetchBytes)} are on this device.`)
          }
        </p>
      </div>
      ${
        running
          ? nothing
          : html`
              <div class="row">
                <wa-button size="s" variant="brand" ?hidden=${this.#kiosk.locked} ?disabled=${store?.actions.has(model.id)} @click=${() => store?.activate(model.id, offer.revision)}>
                  ${named(msg('Update', { id: 'do-update' }), msg(str`Update ${model.name}`))}
                </wa-button>
                <wa-button size="s" appearance="outlined" href=${routeHref('versions', { model: model.id })}>
                  ${named(msg('What changes'), msg(str`What changes in ${model.name}`))}
                </wa-button>
              </div>
            `
      }
    `;
  }

  #withheld() {
    const { withheld } = this.news;
    if (withheld.length === 0) return nothing;
    return html`
      <ul class="withheld" aria-label=${msg('Newer versions that are not offered')}>
        ${withheld.map(
          ({ revision, why }) => html`
            <li class="note ${why.kind === 'quarantined' || why.kind === 'withdrawn' ? 'bad' : 'wait'}">
              <wa-icon name=${why.kind === 'quarantined' || why.kind === 'withdrawn' ? 'error' : 'info'}></wa-icon>
              <span><code title=${revision}>${shortRevision(revision)}</code>: ${withheldWords(why)}</span>
            </li>
          `,
        )}
      </ul>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-update-card': SillUpdateCard;
  }
}
