import './model-install.ts';
import '../models/first-run.ts';
import '../elements/error-note.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Task } from '../../core/tasks.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { SillElement } from '../element.ts';
import { ofCatalog } from '../errors.ts';
import { formatBytes, formatParameters } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { Newcomer } from '../newcomer.ts';
import { routeHref } from '../routes.ts';
import { shared } from '../styles/shared.ts';
import { tierWords } from '../words.ts';

/**
 * Stands where a view would be while no model for its task is installed: names the one to begin with and installs it in place, and tells a newcomer
 * what this is.
 *
 * @slot none - in place of the model, where those on offer for the task do not suit
 */
@customElement('sill-model-needed')
export class SillModelNeeded extends SillElement {
  static override styles = [
    shared,
    css`
      .all {
        display: grid;
        gap: var(--sill-space-24);
      }
      .card {
        display: grid;
        justify-items: center;
        gap: var(--sill-space-12);
        padding: clamp(var(--sill-space-32), 6vw, var(--sill-space-64)) var(--sill-space-20);
        text-align: center;
      }
      .mark {
        font-size: var(--sill-icon-2xl);
        color: var(--sill-accent);
      }
      p {
        max-width: 32rem;
      }
      sill-model-install {
        --sill-actions: center;
      }
      sill-model-install,
      sill-error {
        width: min(28rem, 100%);
        margin-top: var(--sill-space-8);
        text-align: start;
        display: grid;
        justify-content: stretch;
      }
    `,
  ];

  @property() task!: Task;
  @property() icon = 'models';
  /** Of models for the task, those that the view can do with. */
  @property({ attribute: false }) suits: (model: ModelSummary) => boolean = () => true;
  readonly #models = new ModelsController(this);
  readonly #newcomer = new Newcomer(this);

  override render() {
    return html`<div class="all">${this.#newcomer.isHere ? html`<sill-first-run></sill-first-run>` : nothing}${this.#card()}</div>`;
  }

  #card(): TemplateResult {
    const store = this.#models.store;
    const list = store?.list;
    if (!list) {
      if (store?.error) return html`<div class="card"><sill-error .error=${store.error}></sill-error></div>`;
      return html`<div class="card" role="status"><p class="quiet">${msg('Looking for installed models…')}</p></div>`;
    }
    const models = store.byTask(this.task);
    const starter = models.find(this.suits);
    // Where the list cannot be read, that is what is to be said.
    const mayTell = models.length > 0 || !list.catalogError;
    if (!starter && mayTell && this.querySelector('[slot=none]')) return html`<slot name="none"></slot>`;
    if (!starter) {
      return html`
        <div class="card">
          <wa-icon class="mark" name=${this.icon}></wa-icon>
          ${
            list.catalogError
              ? html`
                  <h2>${msg('No model for this is on this device yet')}</h2>
                  <sill-error mild .error=${ofCatalog(list.catalogError)}></sill-error>
                  <p class="small"><a href=${routeHref('models')}>${msg('Without a network: import one from a file')}</a></p>
                `
              : html`
                  <h2>${msg('No model for this is on offer')}</h2>
                  <p class="quiet">${msg('The operator of this site can add one.')}</p>
                `
          }
        </div>
      `;
    }
    const size = starter.fits[0] ? formatBytes(starter.fits[0].sizeBytes) : undefined;
    return html`
      <div class="card">
        <wa-icon class="mark" name=${this.icon}></wa-icon>
        <h2>${msg(str`This needs a model. ${starter.name} is a good one to begin with.`)}</h2>
        <p class="small quiet">${starter.description}</p>
        <p class="small figures">
          ${[tierWords(starter.tier), msg(str`${formatParameters(starter.parameters)} parameters`), size, starter.licence.spdx].filter(Boolean).join(' · ')}
        </p>
        <sill-model-install .model=${starter}></sill-model-install>
        <p class="small"><a href=${routeHref('models')}>${msg('See all models')}</a></p>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-model-needed': SillModelNeeded;
  }
}
