import { figureStyles } from '../styles/figures.ts';
import '../elements/chart.ts';
import { msg, str } from '@lit/localize';
import { css, html, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { BenchmarkResult, Figure } from '../../core/benchmark/result.ts';
import { GROUPINGS, type Grouping, measuredNames, type Series, seriesOf } from '../../core/benchmark/series.ts';
import { summarise } from '../../core/benchmark/statistics.ts';
import { SillElement } from '../element.ts';
import type { Plan } from '../elements/chart.ts';
import { formatNumber, plural } from '../format.ts';
import { RouteParams } from '../route-params.ts';
import { colourOf } from '../run/colours.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { browserWords, figureLabel, formatValue, placeLabel } from './benchmark-words.ts';
import { swatch, swatchStyles } from './swatch.ts';

const HEIGHT_PX = 220;
/** More lines than these nobody tells apart. */
const MAX_SERIES = 6;

/** How one figure went over the runs, in a line for each variant, device or version. */
@customElement('sill-results-chart')
export class SillResultsChart extends SillElement {
  static override styles = [
    shared,
    fields,
    swatchStyles,
    figureStyles,
    css`
      .tools {
        display: flex;
        flex-wrap: wrap;
        gap: 0.75rem 1rem;
      }
      .tools .field {
        flex: 1 1 10rem;
        max-width: 18rem;
      }
    `,
  ];

  @property({ attribute: false }) results: readonly BenchmarkResult[] = [];
  readonly #params = new RouteParams(this, 'benchmarks');
  #names: string[] = [];
  #series: Series[] = [];
  #plan: Plan = () => ({ series: [] });

  /** Which figure, and in which lines. */
  #drawn = '';

  get #grouping(): Grouping {
    return GROUPINGS.find((each) => each === this.#params.get('grouping')) ?? 'variant';
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('results')) this.#names = measuredNames(this.results);
    const name = this.#name;
    const asked = `${name} ${this.#grouping}`;
    if (changed.size === 0 && asked === this.#drawn) return;
    this.#drawn = asked;
    this.#series = seriesOf(this.results, name, groupName(this.#grouping)).slice(0, MAX_SERIES);
    this.#plan = planOf(this.#series);
  }

  override render() {
    if (this.#names.length === 0) return html``;
    return html`
      <figure class="card">
        <h2>${msg('Over time')}</h2>
        <div class="tools">
          <div class="field">
            <label for="figure">${msg('Figure')}</label>
            <select id="figure" @change=${this.#onFigure}>
              ${this.#names.map((name) => html`<option value=${name} .selected=${live(name === this.#name)}>${this.#labelOf(name)}</option>`)}
            </select>
          </div>
          <div class="field">
            <label for="grouping">${msg('One line for each')}</label>
            <select id="grouping" @change=${this.#onGrouping}>
              ${GROUPINGS.map((each) => html`<option value=${each} .selected=${live(each === this.#grouping)}>${groupingWords(each)}</option>`)}
            </select>
          </div>
        </div>
        ${this.#series.length === 0 ? html`<p class="quiet">${msg('No comparable result has this figure.')}</p>` : this.#drawing()}
      </figure>
    `;
  }

  #drawing() {
    return html`
      <sill-chart label=${this.#summary()} height=${HEIGHT_PX} .plan=${this.#plan} .data=${dataOf(this.#series)}></sill-chart>
      <div class="wide" tabindex="0" role="group" aria-label=${msg('The lines of the chart')}>
        <table>
          <thead>
            <tr>
              <th scope="col">${groupingWords(this.#grouping)}</th>
              <th scope="col">${msg('Results')}</th>
              <th scope="col">${msg('Median')}</th>
              <th scope="col">${msg('Latest')}</th>
            </tr>
          </thead>
          <tbody>${this.#series.map((series, index) => this.#row(series, index))}</tbody>
        </table>
      </div>
    `;
  }

  #row({ name, points }: Series, index: number) {
    const median = summarise(points.map(({ figure }) => figure.mean))?.median;
    const last = points.at(-1)?.figure;
    const value = (figure: Figure | undefined, number: number | undefined) =>
      figure && number !== undefined ? formatValue(figure.metric, number) : '–';
    return html`
      <tr>
        <th scope="row">${swatch(colourOf(index))} ${name}</th>
        <td>${formatNumber(points.length)}</td>
        <td>${value(last, median)}</td>
        <td>${value(last, last?.mean)}</td>
      </tr>
    `;
  }

  get #name(): string {
    const asked = this.#params.get('figure') ?? '';
    return this.#names.includes(asked) ? asked : (this.#names.find((name) => name.startsWith('tg')) ?? this.#names[0] ?? '');
  }

  #labelOf(name: string): string {
    const figure = this.#series[0]?.points[0]?.figure;
    if (figure && name === this.#name) return figureLabel(figure);
    const [, metric = '', size, depth] = /^([a-z-]+)(\d+)?(?:@d(\d+))?$/.exec(name) ?? [];
    const found = this.results
      .flatMap(({ figures }) => figures)
      .find((each) => each.metric === metric && String(each.size ?? '') === (size ?? '') && String(each.depth ?? '') === (depth ?? ''));
    return found ? figureLabel(found) : name;
  }

  #summary(): string {
    const count = this.#series.reduce((sum, { points }) => sum + points.length, 0);
    const name = this.#labelOf(this.#name);
    return plural(
      count,
      msg(str`${name} of 1 result`),
      msg(str`${name} of ${formatNumber(count)} results, in the order in which they were measured`),
    );
  }

  #onFigure(event: Event): void {
    this.#params.set({ figure: (event.target as HTMLSelectElement).value });
  }

  #onGrouping(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.#params.set({ grouping: value === 'variant' ? '' : value });
  }
}

const groupingWords = (grouping: Grouping): string =>
  ({ variant: msg('Variant'), device: msg('Device'), version: msg('Version'), browser: msg('Browser') })[grouping];

const groupName =
  (grouping: Grouping) =>
  (result: BenchmarkResult): string => {
    const { model, place, source, versions } = result;
    switch (grouping) {
      case 'variant':
        return `${model.name} ${model.variant}`;
      case 'device':
        return placeLabel(result);
      case 'version':
        return source ?? `Sill ${versions.sill}, ONNX Runtime ${versions.onnxruntime}`;
      case 'browser':
        return source ?? browserWords(place.userAgent);
    }
  };

/** By number, which no clock can set back. */
function dataOf(series: readonly Series[]): Array<Array<number | null>> {
  const numbers = [...new Set(series.flatMap(({ points }) => points.map(({ result }) => result.number)))].sort((a, b) => a - b);
  const at = new Map(numbers.map((number, i) => [number, i]));
  const lines = series.map(({ points }) => {
    const line: Array<number | null> = numbers.map(() => null);
    for (const { result, figure } of points) line[at.get(result.number) ?? 0] = figure.mean;
    return line;
  });
  return [numbers, ...lines];
}

const planOf =
  (series: readonly Series[]): Plan =>
  ({ axis, grid }) => ({
    scales: {
      x: { time: false, range: (_chart, low, high) => [low - 0.5, Math.max(high, low + 1) + 0.5] },
      y: { range: (_chart, _low, high) => [0, Math.max(high * 1.1, 0.001)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 24, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
      { ...axis, size: 56, space: 32, grid, values: (_chart, ticks) => ticks.map((tick) => formatNumber(tick, tick < 10 ? 1 : 0)) },
    ],
    series: [
      {},
      ...series.map(({ points }, i) => ({
        stroke: colourOf(i),
        width: 2,
        spanGaps: true,
        points: { show: points.length < 100, size: 7, fill: colourOf(i) },
      })),
    ],
  });

declare global {
  interface HTMLElementTagNameMap {
    'sill-results-chart': SillResultsChart;
  }
}
