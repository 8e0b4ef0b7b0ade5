import './add-model.ts';
import './first-run.ts';
import './model-card.ts';
import './model-filters.ts';
import './upstream-list.ts';
import '../adapt/adapt-dialog.ts';
import '../adapt/derived-card.ts';
import '../disk/lost-models.ts';
import '../bundle/bundle-export.ts';
import '../bundle/bundle-import.ts';
import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ErrorData } from '../../core/errors.ts';
import type { ModelList, ModelSummary } from '../../protocol/modelReports.ts';
import type { SillAdaptDialog } from '../adapt/adapt-dialog.ts';
import { StorageController } from '../disk/report-controller.ts';
import { SillElement } from '../element.ts';
import type { Asking } from '../elements/install-dialog.ts';
import { ofCatalog } from '../errors.ts';
import { formatDate, plural } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { ModelsController } from '../models-controller.ts';
import { Newcomer } from '../newcomer.ts';
import { RouteParams } from '../route-params.ts';
import { routeHref } from '../routes.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';
import { canFilter, type ModelFilter, matches } from './filtering.ts';

const FILTERS = ['words', 'task', 'size', 'licence', 'fit', 'place'] as const satisfies ReadonlyArray<keyof ModelFilter>;

/** What is on the device, what could be, and what it takes. */
@customElement('sill-models-view')
export class SillModelsView extends SillElement {
  protected static override readonly drawsApart = true;
  static override styles = [
    shared,
    viewStyles,
    css`
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(18.5rem, 100%), 1fr));
        gap: var(--sill-space-16);
      }
      /* Cards are drawn one after the other: what follows them is not pushed down by each. */
      sill-model-card {
        min-height: 34rem;
      }
      .filters {
        display: grid;
        gap: var(--sill-space-8);
        margin-block: calc(-1 * var(--sill-space-12));
      }
      .more {
        display: grid;
        gap: var(--sill-space-8);
        justify-items: start;
      }
    `,
  ];

  /** The model whose install is asked about. */
  #asked: string | undefined;
  @query('sill-adapt-dialog') private adapting!: SillAdaptDialog;
  readonly #models = new ModelsController(this);
  readonly #kiosk = new KioskController(this);
  readonly #params = new RouteParams(this, 'models');
  readonly #storage = new StorageController(this);
  readonly #newcomer = new Newcomer(this);

  override render() {
    const lost = this.#storage.report?.lost ?? [];
    return html`
      ${viewHead('models')}
      <div class="sections">
        ${lost.length > 0 && !this.#kiosk.locked ? html`<sill-lost-models .models=${lost} @sill-change=${() => this.#storage.refresh()}></sill-lost-models>` : nothing}
        ${this.#newcomer.isHere && lost.length === 0 ? html`<sill-first-run></sill-first-run>` : nothing}
        ${this.#content()}
      </div>
      <sill-adapt-dialog></sill-adapt-dialog>
    `;
  }

  #content(): TemplateResult {
    const store = this.#models.store;
    if (store?.list) return this.#list(store.list);
    if (store?.error) return html`<sill-error .error=${store.error}><div>${this.#retry()}</div></sill-error>`;
    return html`
      <p class="visually-hidden" role="status">${msg('Loading the list of models…')}</p>
      <div class="grid" aria-hidden="true"><div class="ghost"></div><div class="ghost"></div><div class="ghost"></div></div>
    `;
  }

  /** One list in the catalog's order: a card stays where it is while its model is installed. */
  #list(list: ModelList): TemplateResult {
    const { models, catalogError } = list;
    const shown = models.filter((model) => matches(model, this.#filter));
    return html`
        ${catalogError ? this.#catalogError(catalogError, list) : nothing}
        ${this.#filters(models, shown.length)}
        <ul class="grid" aria-label=${msg('Models')} @sill-asking=${this.#onAsking} @sill-adapt=${this.#onAdapt} @sill-edit=${this.#onEdit}>
          ${repeat(
            shown,
            (model) => model.id,
            (model) => html`<li>${this.#card(model, !catalogError)}</li>`,
          )}
        </ul>
        ${models.length === 0 && !catalogError ? html`<p class="card quiet">${msg('This site offers no models yet. Its operator can add some.')}</p>` : nothing}
        <sill-upstream-list></sill-upstream-list>
        ${this.#kiosk.locked ? nothing : html`${this.#files(models)}<sill-add-model></sill-add-model>`}
    `;
  }

  #card(model: ModelSummary, isListed: boolean): TemplateResult {
    return model.derived
      ? html`<sill-derived-card .model=${model} .derived=${model.derived}></sill-derived-card>`
      : html`<sill-model-card .model=${model} ?listed=${isListed}></sill-model-card>`;
  }

  #onAdapt(event: CustomEvent<ModelSummary>): void {
    this.adapting.create(event.detail);
  }

  #onEdit(event: CustomEvent<ModelSummary>): void {
    void this.adapting.edit(event.detail);
  }

  #files(models: readonly ModelSummary[]): TemplateResult {
    const installed = models.filter((model) => model.installed);
    return html`
      <section class="stack" aria-labelledby="without-network">
        <div class="row spread">
          <h2 id="without-network">${msg('Without a network')}</h2>
          ${installed.length > 0 ? html`<sill-bundle-export .models=${installed}></sill-bundle-export>` : nothing}
        </div>
        <sill-bundle-import></sill-bundle-import>
        <p class="small">
          ${msg('A model for llama.cpp, in a GGUF file?')} <a href=${routeHref('import')}>${msg('Import it')}</a>
        </p>
      </section>
    `;
  }

  /** The question before an install has an address: a link leads to it, and the way back takes it away. */
  protected override updated(): void {
    const wanted = this.#params.get('install');
    if (wanted === this.#asked || !this.#models.store?.list) return;
    const cards = [...this.renderRoot.querySelectorAll('sill-model-card')];
    void cards.find(({ model }) => model.id === this.#asked)?.askInstall(false);
    this.#asked = wanted;
    if (wanted === undefined) return;
    const card = cards.find(({ model }) => model.id === wanted && model.state === 'available');
    if (card && !this.#kiosk.locked) void card.askInstall(true);
    // It is here already, or is not for this device: there is nothing to ask.
    else queueMicrotask(() => this.#params.set({ install: '' }));
  }

  #onAsking({ detail: { id, open } }: CustomEvent<Asking>): void {
    if (open === (this.#params.get('install') === id)) return;
    this.#asked = open ? id : undefined;
    if (open) this.#params.open({ install: id });
    else this.#params.set({ install: '' });
  }

  #filters(models: readonly ModelSummary[], shownCount: number): TemplateResult | typeof nothing {
    const isActive = Object.keys(this.#filter).length > 0;
    // An empty row would part the list from what stands above it.
    if (!isActive && !canFilter(models, this.#filter)) return nothing;
    return html`
      <div class="filters">
        <sill-model-filters
          .models=${models}
          .filter=${this.#filter}
          @sill-filter=${(event: CustomEvent<ModelFilter>) => this.#choose(event.detail)}
        ></sill-model-filters>
        ${
          isActive
            ? html`<p class="small" role="status">
                ${shownCount === 0 ? msg('No model matches these filters.') : plural(models.length, msg(str`${shownCount} of 1 model`), msg(str`${shownCount} of ${models.length} models`))}
                <button class="link" @click=${() => this.#choose({})}>${msg('Show all models')}</button>
              </p>`
            : nothing
        }
      </div>
    `;
  }

  /** In the address, so that it outlives a reload and can be sent to somebody. */
  get #filter(): ModelFilter {
    const entries = FILTERS.flatMap((name) => {
      const value = this.#params.get(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    return Object.fromEntries(entries);
  }

  #choose(filter: ModelFilter): void {
    this.#params.set(Object.fromEntries(FILTERS.map((name) => [name, filter[name] ?? ''])));
  }

  #catalogError(error: ErrorData, { catalogCheckedAtMs, catalogStaleSinceMs }: ModelList): TemplateResult {
    const tellsSince = catalogStaleSinceMs !== undefined && error.code !== 'stale_catalog';
    return html`
      <sill-error mild .error=${ofCatalog(error)}>
        <div class="more">
          ${tellsSince ? html`<p>${msg(str`The list that is known ran out on ${formatDate(catalogStaleSinceMs)}: nothing new is accepted from it.`)}</p>` : nothing}
          ${catalogCheckedAtMs === undefined ? nothing : html`<p class="quiet">${msg(str`Last read in good order on ${formatDate(catalogCheckedAtMs)}.`)}</p>`}
          ${this.#retry()}
        </div>
      </sill-error>
    `;
  }

  #retry(): TemplateResult {
    return html`<wa-button size="s" appearance="outlined" @click=${() => this.#models.store?.refresh()}>${msg('Try again')}</wa-button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-models-view': SillModelsView;
  }
}
