import '../elements/error-note.ts';
import '../elements/model-install.ts';
import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { ModelList, ModelSummary } from '../../protocol/modelReports.ts';
import { SillElement } from '../element.ts';
import { ofCatalog } from '../errors.ts';
import { formatBytes, formatParameters } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { routeHref } from '../routes.ts';
import { shared } from '../styles/shared.ts';
import { abilityWords } from '../words.ts';

/** As many as are compared at a glance. */
const MOST = 4;

/** The first model: what there is to begin with, what each takes and under which licence, and its install in place. */
@customElement('sill-starter')
export class SillStarter extends SillElement {
  protected static override readonly drawsApart = true;
  static override styles = [
    shared,
    css`
      fieldset {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr));
        gap: var(--sill-space-12);
        margin: 0;
        padding: 0;
        border: 0;
        min-width: 0;
      }
      legend {
        padding: 0;
        margin-bottom: var(--sill-space-12);
        font-size: var(--sill-font-size-heading);
        font-weight: 650;
      }
      label {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--sill-space-4) var(--sill-space-10);
        align-content: start;
        padding: var(--sill-space-14) var(--sill-space-16);
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--sill-radius);
        background: var(--wa-color-surface-default);
        cursor: pointer;
      }
      label:has(:checked) {
        border-color: var(--sill-accent);
        box-shadow: 0 0 0 1px var(--sill-accent);
      }
      label:has(:focus-visible) {
        outline: var(--wa-focus-ring);
        outline-offset: var(--wa-focus-ring-offset);
      }
      input {
        width: 1.0625rem;
        height: 1.0625rem;
        margin: var(--sill-space-4) 0 0;
        accent-color: var(--sill-control);
      }
      input:focus-visible {
        outline: none;
      }
      .name {
        font-weight: 650;
      }
      .more {
        grid-column: 2;
      }
    `,
  ];

  @state() private chosen = '';
  readonly #models = new ModelsController(this);

  override render() {
    const list = this.#models.store?.list;
    if (!list) return html`<div class="ghost"></div>`;
    const starters = startersOf(list);
    const chosen = starters.find(({ id }) => id === this.chosen) ?? starters.find(({ state }) => state !== 'available') ?? starters[0];
    if (!chosen) {
      return list.catalogError
        ? html`<sill-error mild .error=${ofCatalog(list.catalogError)}></sill-error>`
        : html`<p class="card quiet">${msg('This site offers no models yet. Its operator can add some.')}</p>`;
    }
    return html`
      <div class="stack">
        <fieldset @change=${this.#onChoice}>
          <legend>${msg('Choose a model to begin with')}</legend>
          ${starters.map((model) => this.#option(model, model === chosen))}
        </fieldset>
        <sill-model-install .model=${chosen}></sill-model-install>
        <p class="small row">
          <a href=${routeHref('models')}>${msg('See all models')}</a> <span class="quiet">·</span>
          <a href=${routeHref('import')}>${msg('Import a file')}</a>
        </p>
      </div>
    `;
  }

  #option(model: ModelSummary, checked: boolean) {
    const { id, name, description, parameters, fits, licence } = model;
    const size = fits[0] ? formatBytes(fits[0].sizeBytes) : undefined;
    return html`
      <label>
        <input type="radio" name="starter" value=${id} .checked=${checked} />
        <span class="name">${name}</span>
        <span class="more small">${abilityWords(model)}</span>
        <span class="more small quiet">${description}</span>
        <span class="more small figures">
          ${[size, msg(str`${formatParameters(parameters)} parameters`), licence.spdx].filter(Boolean).join(' · ')}
        </span>
      </label>
    `;
  }

  #onChoice(event: Event): void {
    this.chosen = (event.target as HTMLInputElement).value;
  }
}

/** Those that write come first: they give an answer at once. Among the same, the smaller one. */
function startersOf({ models }: ModelList): readonly ModelSummary[] {
  const rank = ({ task, fits }: ModelSummary): number => (task === 'text-generation' ? 0 : 1e15) + (fits[0]?.sizeBytes ?? 1e14);
  return models
    .filter(({ offered, derived, fits }) => offered && !derived && fits[0] && fits[0].verdict !== 'no')
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MOST);
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-starter': SillStarter;
  }
}
