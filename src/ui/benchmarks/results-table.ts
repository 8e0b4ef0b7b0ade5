import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { type BenchmarkResult, type Figure, faultsOf, figureOf } from '../../core/benchmark/result.ts';
import { SillElement } from '../element.ts';
import { FoundRows } from '../elements/found-rows.ts';
import { VirtualRows } from '../elements/virtual-rows.ts';
import { formatDate, formatNumber, plural } from '../format.ts';
import sprite from '../icons/icons.svg?no-inline';
import { RouteParams } from '../route-params.ts';
import { fields } from '../styles/fields.ts';
import { longTable } from '../styles/long-table.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { formatValue, placeLabel, presetWords, stateWords } from './benchmark-words.ts';
import { resultFilter } from './results-filter.ts';

/**
 * All results, newest first. Of thousands only those in sight are rows of the page: see docs/decisions/0046.
 *
 * @fires sill-show with a result's id as detail
 * @fires sill-pick with the ids of up to two results, to be compared
 * @fires sill-remove with ids as detail
 */
@customElement('sill-results-table')
export class SillResultsTable extends SillElement {
  static override styles = [
    shared,
    fields,
    marks,
    longTable,
    css`
      .tools {
        margin-bottom: var(--sill-space-12);
      }
      .scroll {
        max-height: calc(44px * 13);
      }
      table {
        min-width: 96rem;
      }
      th,
      td {
        padding-inline-end: var(--sill-space-16);
      }
      .pick {
        width: 7.25rem;
      }
      .id {
        width: 6.5rem;
      }
      .model {
        width: 15rem;
      }
      .number {
        width: 9rem;
      }
      .state {
        width: 9rem;
      }
      .when {
        width: 11.5rem;
      }
      .remove {
        width: 4rem;
      }
      .name {
        font-weight: 600;
      }
      /* As a component of the library each would cost more to draw than its row. */
      .bare {
        appearance: none;
        border: 0;
        background: none;
        width: 44px;
        height: 43px;
        padding: 0;
        color: var(--wa-color-text-quiet);
        cursor: pointer;
      }
      .bare svg {
        width: 1em;
        height: 1em;
        font-size: var(--sill-icon-s);
        fill: none;
        overflow: visible;
      }
      .bare:hover {
        color: var(--wa-color-text-normal);
      }
      .bare:disabled {
        visibility: hidden;
      }
      .visually-hidden {
        top: 0;
      }
      td {
        position: relative;
      }
    `,
  ];

  /** Newest first. */
  @property({ attribute: false }) results: readonly BenchmarkResult[] = [];
  @property({ attribute: false }) shown = '';
  @property({ attribute: false }) picked: readonly string[] = [];
  @query('.scroll') private scroller!: HTMLElement | null;
  readonly #params = new RouteParams(this, 'benchmarks');
  readonly #rows = new VirtualRows(this, () => this.scroller);
  readonly #found = new FoundRows<BenchmarkResult>();
  /** All that the filter leaves, but for one that is being measured. */
  readonly #removable = new FoundRows<BenchmarkResult>();

  get #words(): string {
    return this.#params.get('words') ?? '';
  }

  get #onlyComparable(): boolean {
    return this.#params.get('comparable') === 'only';
  }

  protected override willUpdate(): void {
    const onlyComparable = this.#onlyComparable;
    const fits = resultFilter(this.#words);
    this.#found.find(
      this.results,
      [this.#words, onlyComparable],
      (result) => (!onlyComparable || faultsOf(result).length === 0) && fits(result),
    );
    this.#removable.find(this.#found.rows, [], ({ state }) => state !== 'running');
  }

  override render() {
    const found = this.#found.rows;
    const { first, last } = this.#rows.window(found.length);
    return html`
      <div class="tools">
        <div class="field">
          <label for="filter">${msg('Filter')}</label>
          <input id="filter" data-view-search type="text" .value=${this.#words} placeholder=${msg('Model, variant, device or browser')} @input=${this.#onWords} />
        </div>
        <label class="check">
          <input type="checkbox" .checked=${this.#onlyComparable} @change=${this.#onComparable} />${msg('Comparable ones only')}
        </label>
        ${this.#removal()}
        <p class="small quiet figures" role="status">${plural(found.length, msg('1 result'), msg(str`${formatNumber(found.length)} results`))}</p>
      </div>
      <div class="scroll" tabindex="0" role="group" aria-label=${msg('Results')} @scroll=${this.#rows.onScroll}>
        <table aria-label=${msg('Results of benchmarks')} aria-rowcount=${found.length + 1}>
          <thead>
            <tr aria-rowindex="1">
              <th scope="col" class="pick">${msg('Compare')}</th>
              <th scope="col" class="id">${msg('Result')}</th>
              <th scope="col" class="model">${msg('Model')}</th>
              <th scope="col">${msg('Where')}</th>
              <th scope="col" class="number">${msg('Prompt')}</th>
              <th scope="col" class="number">${msg('Speed')}</th>
              <th scope="col" class="number">${msg('First token')}</th>
              <th scope="col" class="state">${msg('State')}</th>
              <th scope="col" class="when">${msg('When')}</th>
              <th scope="col" class="remove"><span class="visually-hidden">${msg('Remove')}</span></th>
            </tr>
          </thead>
          <tbody>
            ${this.#rows.space(first)} ${repeat(
              found.slice(first, last),
              ({ id }) => id,
              (result, i) => this.#row(result, first + i),
            )} ${this.#rows.space(found.length - last)}
          </tbody>
        </table>
      </div>
    `;
  }

  #removal() {
    const results = this.#removable.rows;
    if (results.length < 2) return nothing;
    const remove = () =>
      this.emit(
        'sill-remove',
        results.map(({ id }) => id),
      );
    return html`
      <wa-button size="s" appearance="plain" @click=${remove}>
        <wa-icon slot="start" name="trash"></wa-icon>${msg(str`Remove these ${formatNumber(results.length)} results`)}
      </wa-button>
    `;
  }

  #row(result: BenchmarkResult, index: number) {
    const { id, model, number } = result;
    const isPicked = this.picked.includes(id);
    const name = msg(str`result ${number}`);
    const main = ['tg', 'embed', 'rtf'].map((metric) => figureOf(result, metric)).find((figure) => figure !== undefined);
    return html`
      <tr class=${id === this.shown ? 'current' : ''} aria-rowindex=${index + 2}>
        <td>
          <input
            type="checkbox"
            aria-label=${msg(str`Compare ${name}`)}
            .checked=${isPicked}
            ?disabled=${!isPicked && this.picked.length >= 2}
            @change=${() => this.#pick(id)}
          />
        </td>
        <td><button class="link" aria-label=${msg(str`Show ${name}`)} @click=${() => this.emit('sill-show', id)}>${number}</button></td>
        <th scope="row"><span class="name">${model.name}</span> <span class="quiet">${model.variant}</span></th>
        <td>${placeLabel(result)}</td>
        <td class="number">${speed(figureOf(result, 'pp'))}</td>
        <td class="number">${speed(main)}</td>
        <td class="number">${speed(figureOf(result, 'ttft'))}</td>
        <td>${this.#state(result)}</td>
        <td>${formatDate(result.startedAtMs)}</td>
        <td>
          <button class="bare" aria-label=${msg(str`Remove ${name}`)} ?disabled=${result.state === 'running'} @click=${() => this.emit('sill-remove', [id])}>
            <svg viewBox="0 0 24 24" aria-hidden="true"><use href=${`${sprite}#trash`}></use></svg>
          </button>
        </td>
      </tr>
    `;
  }

  #state(result: BenchmarkResult) {
    if (result.state !== 'complete')
      return html`<span class="mark ${result.state === 'running' ? 'active' : 'warn'}">${stateWords(result.state)}</span>`;
    return faultsOf(result).length === 0
      ? html`<span class="mark">${result.source ? msg('imported') : presetWords(result.preset)}</span>`
      : html`<span class="mark warn">${msg('not comparable')}</span>`;
  }

  #pick(id: string): void {
    this.emit('sill-pick', this.picked.includes(id) ? this.picked.filter((other) => other !== id) : [...this.picked, id]);
  }

  #onWords(event: Event): void {
    this.#params.set({ words: (event.target as HTMLInputElement).value });
    this.#rows.toRow(0);
  }

  #onComparable(event: Event): void {
    this.#params.set({ comparable: (event.target as HTMLInputElement).checked ? 'only' : '' });
    this.#rows.toRow(0);
  }
}

/** With its name where that is not the column's. */
const speed = (figure: Figure | undefined) =>
  figure
    ? html`${formatValue(figure.metric, figure.mean)}${figure.metric === 'rtf' ? html` <span class="quiet">RTF</span>` : nothing}`
    : '–';

declare global {
  interface HTMLElementTagNameMap {
    'sill-results-table': SillResultsTable;
  }
}
