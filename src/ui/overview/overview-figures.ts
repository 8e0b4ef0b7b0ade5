import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import { shortRevision } from '../../core/ids.ts';
import type { ModelList, ModelSummary } from '../../protocol/modelReports.ts';
import type { StorageReport } from '../../protocol/storageReports.ts';
import type { UpdateStatus } from '../../protocol/updateReports.ts';
import { SillElement } from '../element.ts';
import { formatBytes, formatDate, formatPercent } from '../format.ts';
import { askedIn, routeHref } from '../routes.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { track } from '../styles/track.ts';
import { modeWords } from '../updates/policy-words.ts';
import { deviceWords, taskWords } from '../words.ts';

/** As the updater looks (services/updates/updater.ts). */
const LOOKS_EVERY_MS = 60 * 60_000;

/** What is active here, when it was last compared with what is offered, and what it takes. */
@customElement('sill-overview-figures')
export class SillOverviewFigures extends SillElement {
  static override styles = [
    shared,
    track,
    marks,
    css`
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr));
        gap: var(--sill-space-16);
        align-items: start;
      }
      .wide {
        grid-column: 1 / -1;
      }
      .card {
        display: grid;
        gap: var(--sill-space-12);
      }
      .models li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 0 var(--sill-space-16);
        align-items: center;
        padding: var(--sill-space-10) 0;
        border-bottom: 1px solid var(--wa-color-surface-border);
      }
      .models li:last-child {
        border: 0;
        padding-bottom: 0;
      }
      .models p {
        overflow-wrap: anywhere;
      }
      .name {
        font-weight: 600;
      }
      .track span {
        min-width: 2px;
      }
      .figure {
        font-size: var(--wa-font-size-l);
        font-weight: 600;
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  @property({ attribute: false }) list!: ModelList;
  @property({ attribute: false }) status: UpdateStatus | undefined;
  @property({ attribute: false }) storage: StorageReport | undefined;

  override render() {
    return html`<div class="grid">${this.#active()} ${this.#updates()} ${this.#disk()}</div>`;
  }

  #active() {
    const installed = this.list.models.filter((model) => model.installed);
    if (installed.length === 0) return nothing;
    return html`
      <section class="card wide" aria-labelledby="active">
        <div class="row spread">
          <h2 id="active">${msg('Active models')}</h2>
          <a class="small" href=${routeHref('models')}>${msg('See all models')}</a>
        </div>
        <ul class="models">${installed.map((model) => this.#model(model))}</ul>
      </section>
    `;
  }

  #model(model: ModelSummary) {
    const { id, name, task, installed, loaded } = model;
    if (!installed) return nothing;
    return html`
      <li>
        <div>
          <p class="row">
            <a class="name" href=${routeHref(askedIn(model), { model: id })}>${name}</a>
            ${loaded ? html`<span class="mark active">${msg('in memory')}</span>` : nothing}
          </p>
          <p class="small quiet">
            ${taskWords(task)} · ${loaded ? deviceWords(loaded.device) : installed.variant} · ${msg(str`since ${formatDate(installed.installedAtMs)}`)}
          </p>
        </div>
        <a class="small code" href=${routeHref('versions', { model: id })} aria-label=${msg(str`Versions of ${name}`)}>${shortRevision(installed.revision)}</a>
      </li>
    `;
  }

  #updates() {
    const { status } = this;
    const checkedAtMs = status?.lastReport?.checkedAtMs ?? this.list.catalogCheckedAtMs;
    const arrived = Math.max(0, ...this.list.models.map(({ installed }) => installed?.installedAtMs ?? 0));
    return html`
      <section class="card" aria-labelledby="updates">
        <div class="row spread">
          <h2 id="updates">${msg('Updates')}</h2>
          <a class="small" href=${routeHref('updates')}>${msg('See updates')}</a>
        </div>
        <div>
          <p class="figure">${arrived > 0 ? formatDate(arrived) : '–'}</p>
          <p class="small quiet">${msg('A model was last installed or updated')}</p>
        </div>
        <p class="small">
          ${checkedAtMs === undefined ? msg('The list of models was not read yet.') : msg(str`The list of models was read on ${formatDate(checkedAtMs)}.`)}
          ${status ? nextWords(status, checkedAtMs) : nothing}
        </p>
        ${status ? html`<p class="small quiet">${msg('By itself:')} ${modeWords(status.policy.mode)}</p>` : nothing}
      </section>
    `;
  }

  #disk() {
    const { storage } = this;
    if (!storage) return html`<section class="card" aria-busy="true" aria-label=${msg('Storage')}><p class="quiet">…</p></section>`;
    const { usageBytes, quotaBytes, modelBytes, runsOffline } = storage;
    return html`
      <section class="card" aria-labelledby="disk">
        <div class="row spread">
          <h2 id="disk">${msg('Storage')}</h2>
          <a class="small" href=${routeHref('storage')}>${msg('See storage')}</a>
        </div>
        <div>
          <p class="figure">${formatBytes(usageBytes ?? modelBytes)}</p>
          <p class="small quiet figures">
            ${
              quotaBytes === undefined || usageBytes === undefined
                ? msg(str`of it ${formatBytes(modelBytes)} models`)
                : msg(str`${formatPercent(usageBytes / quotaBytes)} of what the browser allows; of it ${formatBytes(modelBytes)} models`)
            }
          </p>
        </div>
        ${
          quotaBytes && usageBytes !== undefined
            ? html`<div class="track" aria-hidden="true"><span style=${styleMap({ width: `${Math.min(100, (usageBytes / quotaBytes) * 100)}%` })}></span></div>`
            : nothing
        }
        <p class="small quiet">${runsOffline ? msg('All that is needed without a network is here.') : msg('Something is still missing for use without a network.')}</p>
      </section>
    `;
  }
}

function nextWords({ policy }: UpdateStatus, checkedAtMs: number | undefined): string {
  if (policy.mode === 'off') return msg('It is read again when somebody asks.');
  const nextMs = (checkedAtMs ?? 0) + LOOKS_EVERY_MS;
  return nextMs > Date.now() ? msg(str`The next look is at about ${formatDate(nextMs)}.`) : msg('The next look is due.');
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-overview-figures': SillOverviewFigures;
  }
}
