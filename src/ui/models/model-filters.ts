import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { TASKS, type Task } from '../../core/tasks.ts';
import type { Tier } from '../../core/tier.ts';
import type { ModelSummary, VariantFit } from '../../protocol/modelReports.ts';
import { SillElement } from '../element.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { taskWords, tierWords, verdictWords } from '../words.ts';
import { canFilter, type Facet, facetsOf, MANY, type ModelFilter } from './filtering.ts';

/**
 * What of the models is to be shown.
 *
 * @fires sill-filter with the changed filter as detail
 */
@customElement('sill-model-filters')
export class SillModelFilters extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      summary {
        cursor: pointer;
        width: fit-content;
        font-size: var(--wa-font-size-s);
        font-weight: 500;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(10rem, 100%), 1fr));
        gap: var(--sill-space-12);
        margin-top: var(--sill-space-12);
      }
    `,
  ];

  /** All of them: those that are shown would leave nothing else to choose. */
  @property({ attribute: false }) models: readonly ModelSummary[] = [];
  @property({ attribute: false }) filter: ModelFilter = {};

  override render() {
    if (!canFilter(this.models, this.filter)) return nothing;
    const facets = facetsOf(this.models, this.filter);
    const many = this.models.length >= MANY;
    const isActive = Object.values(this.filter).some((value) => value !== undefined);
    return html`
      <details ?open=${isActive || many}>
        <summary>${msg('Filter')}</summary>
        <div class="fields">
          ${
            many || this.filter.words
              ? html`
                  <div class="field">
                    <label for="words">${msg('Name or words')}</label>
                    <input id="words" data-view-search type="search" .value=${this.filter.words ?? ''} @input=${this.#onWords} />
                  </div>
                `
              : nothing
          }
          ${facets.map(
            ({ facet, values }) => html`
              <div class="field">
                <label for=${facet}>${facetWords(facet)}</label>
                <select id=${facet} @change=${(event: Event) => this.#change(facet, event)}>
                  <option value="" .selected=${live(this.filter[facet] === undefined)}>${msg('All')}</option>
                  ${values.map((value) => html`<option value=${value} .selected=${live(this.filter[facet] === value)}>${valueWords(facet, value)}</option>`)}
                </select>
              </div>
            `,
          )}
        </div>
      </details>
    `;
  }

  #change(facet: Facet, { target }: Event): void {
    if (target instanceof HTMLSelectElement) this.emit<ModelFilter>('sill-filter', { ...this.filter, [facet]: target.value || undefined });
  }

  #onWords({ target }: Event): void {
    if (target instanceof HTMLInputElement)
      this.emit<ModelFilter>('sill-filter', { ...this.filter, words: target.value.trim() || undefined });
  }
}

const facetWords = (facet: Facet): string =>
  ({
    task: msg('Made for'),
    size: msg('Size class'),
    licence: msg('Licence'),
    fit: msg('Fit'),
    place: msg('Where'),
  })[facet];

const isOneOf =
  <T extends string>(words: Readonly<Record<T, unknown>>) =>
  (value: string): value is T =>
    Object.hasOwn(words, value);
const isTask = (value: string): value is Task => TASKS.some((task) => task === value);
const isTier = isOneOf<Tier>({ nano: 0, micro: 0, small: 0, medium: 0, large: 0 });
const isVerdict = isOneOf<VariantFit['verdict']>({ fits: 0, tight: 0, no: 0 });

/** A value that came with the address and means nothing is shown as it is. */
function valueWords(facet: Facet, value: string): string {
  if (facet === 'task' && isTask(value)) return taskWords(value);
  if (facet === 'size' && isTier(value)) return tierWords(value);
  if (facet === 'fit' && isVerdict(value)) return verdictWords(value);
  if (facet === 'place' && value === 'here') return msg('On this device');
  if (facet === 'place' && value === 'offered') return msg('Not on this device');
  return value;
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-model-filters': SillModelFilters;
  }
}
