import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import { type BenchmarkResult, type Figure, faultsOf, figureOf } from '../../core/benchmark/result.ts';
import { SillElement } from '../element.ts';
import { formatDate, formatNumber } from '../format.ts';
import { fields } from '../styles/fields.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { browserWords, formatValue, placeLabel, presetWords, stateWords } from './benchmark-words.ts';

/** Of each row, so that the place of any of them is known without drawing it. */
const ROW_PX = 44;
/** Rows that fit into the part that scrolls, as the styles have it. */
const SHOWN = 12;
/** Drawn beyond them, so that a quick scroll meets rows. */
const BEYOND = 10;

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
    css`
      .tools {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: 0.75rem 1rem;
        margin-bottom: 0.75rem;
      }
      .tools .field {
        flex: 1 1 16rem;
        max-width: 24rem;
      }
      .scroll {
        max-height: calc(44px * 13);
        overflow: auto;
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--sill-radius);
        background: var(--wa-color-surface-default);
        /* What scrolls in here is drawn in here. */
        contain: content;
      }
      /* Fixed, so that columns do not jump when other rows come into sight. */
      table {
        table-layout: fixed;
        width: 100%;
        min-width: 90rem;
        border-collapse: separate;
        border-spacing: 0;
        font-size: var(--wa-font-size-s);
        font-variant-numeric: tabular-nums;
      }
      thead th {
        position: sticky;
        top: 0;
        z-index: 1;
        background: var(--wa-color-surface-lowered);
        color: var(--wa-color-text-quiet);
        font-size: 0.8125rem;
      }
      th,
      td {
        height: 44px;
        padding: 0 1rem 0 0;
        font-weight: 400;
        text-align: start;
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
        border-bottom: 1px solid var(--wa-color-surface-border);
      }
      :is(th, td):first-child {
        padding-inline-start: 1rem;
      }
      .number {
        text-align: end;
      }
      .pick {
        width: 6.25rem;
      }
      .id {
        width: 5rem;
      }
      .model {
        width: 15rem;
      }
      .number {
        width: 7.75rem;
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
      .space td {
        padding: 0;
        border: 0;
        height: auto;
      }
      .name {
        font-weight: 600;
      }
      .current {
        background: var(--sill-mark);
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
  @state() private words = '';
  @state() private onlyComparable = false;
  @state() private first = 0;
  @query('.scroll') private scroller!: HTMLElement | null;
  #found: readonly BenchmarkResult[] = [];

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('results') && !changed.has('words') && !changed.has('onlyComparable')) return;
    const wanted = this.words.toLowerCase().split(/\s+/).filter(Boolean);
    this.#found = this.results.filter((result) => {
      if (this.onlyComparable && faultsOf(result).length > 0) return false;
      if (wanted.length === 0) return true;
      const text = [
        result.model.name,
        result.model.id,
        result.model.variant,
        placeLabel(result),
        browserWords(result.place.userAgent),
        result.source,
      ]
        .join(' ')
        .toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
  }

  override render() {
    const found = this.#found;
    const first = Math.max(0, Math.min(this.first - BEYOND, found.length - SHOWN));
    const last = Math.min(found.length, this.first + SHOWN + BEYOND);
    return html`
      <div class="tools">
        <div class="field">
          <label for="filter">${msg('Filter')}</label>
          <input id="filter" type="text" .value=${this.words} placeholder=${msg('Model, variant, device or browser')} @input=${this.#onWords} />
        </div>
        <label class="check">
          <input type="checkbox" .checked=${this.onlyComparable} @change=${this.#onComparable} />${msg('Comparable ones only')}
        </label>
        <p class="small quiet figures" role="status">${found.length === 1 ? msg('1 result') : msg(str`${formatNumber(found.length)} results`)}</p>
      </div>
      <div class="scroll" tabindex="0" role="group" aria-label=${msg('Results')} @scroll=${this.#onScroll}>
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
            ${this.#space(first)} ${found.slice(first, last).map((result, i) => this.#row(result, first + i))} ${this.#space(found.length - last)}
          </tbody>
        </table>
      </div>
    `;
  }

  #space(rows: number) {
    return rows > 0
      ? html`<tr class="space" aria-hidden="true"><td colspan="10" style=${styleMap({ height: `${rows * ROW_PX}px` })}></td></tr>`
      : nothing;
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
          <wa-button size="s" appearance="plain" @click=${() => this.emit('sill-remove', [id])}>
            <wa-icon name="trash" label=${msg(str`Remove ${name}`)}></wa-icon>
          </wa-button>
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
    this.words = (event.target as HTMLInputElement).value;
    this.#toTop();
  }

  #onComparable(event: Event): void {
    this.onlyComparable = (event.target as HTMLInputElement).checked;
    this.#toTop();
  }

  #toTop(): void {
    this.first = 0;
    this.scroller?.scrollTo({ top: 0 });
  }

  #onScroll(): void {
    const first = Math.floor((this.scroller?.scrollTop ?? 0) / ROW_PX);
    // Half of what is drawn beyond is still there.
    if (Math.abs(first - this.first) >= BEYOND / 2 || first === 0) this.first = first;
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
