import { figureStyles } from '../styles/figures.ts';
import '../elements/read-chart.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { BenchmarkResult } from '../../core/benchmark/result.ts';
import {
  type Along,
  AXES,
  type Chart,
  chartOf,
  isForeign,
  type MeasuredModel,
  measuredModels,
  measuredNames,
  resultsIn,
  type Series,
  type SeriesPoint,
  versionOf,
} from '../../core/benchmark/series.ts';
import { SillElement } from '../element.ts';
import type { Plan } from '../elements/chart.ts';
import { lineData, linePlan, MAX_LINES } from '../elements/line-plan.ts';
import type { Reading } from '../elements/read-chart.ts';
import { dayLabels, formatDate, formatNumber, plural } from '../format.ts';
import { RouteParams } from '../route-params.ts';
import { fields } from '../styles/fields.ts';
import { colourOf } from '../styles/series-colours.ts';
import { shared } from '../styles/shared.ts';
import { browserWords, figureLabel, formatDeviation, formatValue } from './benchmark-words.ts';
import { lineNames } from './line-names.ts';
import { swatch, swatchStyles } from './swatch.ts';

const HEIGHT_PX = 240;
const ALL = 'all';

/** How one figure went over time, versions or browsers: a line for each variant of a model in each place. */
@customElement('sill-results-chart')
export class SillResultsChart extends SillElement {
  protected static override readonly drawsBehind = true;
  static override styles = [
    shared,
    fields,
    swatchStyles,
    figureStyles,
    css`
      .tools {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(9.5rem, 100%), 1fr));
        gap: var(--sill-space-12) var(--sill-space-16);
      }
    `,
  ];

  @property({ attribute: false }) results: readonly BenchmarkResult[] = [];
  readonly #params = new RouteParams(this, 'benchmarks');
  #models: MeasuredModel[] = [];
  #names: string[] = [];
  #chart: Chart = { slots: [], series: [] };
  #lines: ReadonlyArray<{ readonly series: Series; readonly name: string }> = [];
  #readings: Reading[] = [];
  #plan: Plan = () => ({ series: [] });
  #data: Array<Array<number | null>> = [[]];
  /** Which model and figure, and along what. */
  #drawn = '';

  get #along(): Along {
    return AXES.find((each) => each === this.#params.get('along')) ?? 'time';
  }

  /** The one that was asked for here, or is chosen above to be measured, or was measured last. */
  get #model(): string {
    const asked = this.#params.get('of') ?? '';
    if (asked === ALL && this.#models.length > 1) return ALL;
    const found = [asked, this.#params.get('model')].find((id) => this.#models.some((model) => model.id === id));
    return found ?? this.#models[0]?.id ?? '';
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('results')) this.#models = measuredModels(this.results);
    const model = this.#model;
    const asked = [model, this.#params.get('figure'), this.#along].join('\n');
    if (!changed.has('results') && asked === this.#drawn) return;
    this.#drawn = asked;
    const results = model === ALL ? this.results : this.results.filter((result) => result.model.id === model);
    this.#names = measuredNames(results);
    this.#draw(chartOf(results, this.#name, this.#along));
  }

  #draw(chart: Chart): void {
    this.#chart = chart;
    const names = lineNames(chart.series.map(({ result }) => result));
    this.#lines = chart.series.slice(0, MAX_LINES).map((series, i) => ({ series, name: names[i] ?? '' }));
    const readings = this.#lines.flatMap(({ series, name }, i) =>
      series.points.map((point): Reading => {
        const { slot, mean, sd } = point;
        return {
          ...{ key: `${series.key} ${chart.slots[slot]?.key}`, x: slot, y: mean, ySpread: sd, color: colourOf(i) },
          words: () => this.#wordsOf(name, point),
        };
      }),
    );
    this.#readings = readings.sort((a, b) => a.x - b.x);
    const lines = this.#lines.map(({ series }) => series.points.map(({ slot, mean }) => ({ slot, value: mean })));
    const top = Math.max(0, ...readings.map(({ y, ySpread = 0 }) => y + ySpread)) * 1.08;
    this.#plan = linePlan(lines, this.#labels(), top, (tick) => formatNumber(tick, top < 10 ? 2 : 0));
    this.#data = lineData(lines, chart.slots.length);
  }

  override render() {
    if (this.#names.length === 0) return html``;
    const models = this.#models.map(({ id, name }): [string, string] => [id, name]);
    return html`
      <figure class="card">
        <h2>${this.#along === 'time' ? msg('Over time') : axisWords(this.#along)}</h2>
        <div class="tools">
          ${this.#select('of', msg('Model'), this.#model, models.length > 1 ? [...models, [ALL, msg('All models')]] : models)}
          ${this.#select(
            'figure',
            msg('Figure'),
            this.#name,
            this.#names.map((name) => [name, this.#labelOf(name)]),
          )}
          ${this.#select(
            'along',
            msg('Along'),
            this.#along,
            AXES.map((each) => [each, axisWords(each)]),
          )}
        </div>
        ${this.#lines.length === 0 ? html`<p class="quiet">${msg('No comparable result has this figure.')}</p>` : this.#drawing()}
      </figure>
    `;
  }

  #select(param: 'of' | 'figure' | 'along', label: string, chosen: string, options: ReadonlyArray<readonly [string, string]>) {
    return html`
      <div class="field">
        <label for=${param}>${label}</label>
        <select id=${param} @change=${(event: Event) => this.#params.set({ [param]: (event.target as HTMLSelectElement).value })}>
          ${options.map(([value, words]) => html`<option value=${value} .selected=${live(value === chosen)}>${words}</option>`)}
        </select>
      </div>
    `;
  }

  #drawing() {
    const left = this.#chart.series.length - this.#lines.length;
    return html`
      <sill-read-chart
        label=${this.#summary()}
        height=${HEIGHT_PX}
        .plan=${this.#plan}
        .data=${this.#data}
        .readings=${this.#readings}
        opens=${this.#along === 'time' ? msg('Show this result') : ''}
        @sill-read=${(event: CustomEvent<string>) => this.#open(event.detail)}
      ></sill-read-chart>
      <p class="quiet small">
        ${msg('Bars reach one standard deviation up and down.')}
        ${left > 0 ? plural(left, msg('1 line more is not drawn: choose one model, or filter the results.'), msg(str`${formatNumber(left)} lines more are not drawn: choose one model, or filter the results.`)) : nothing}
      </p>
      <div class="wide" tabindex="0" role="group" aria-label=${msg('The lines of the chart')}>
        <table>
          <thead>
            <tr>
              <th scope="col">${msg('Line')}</th>
              <th scope="col">${msg('Results')}</th>
              <th scope="col">${msg('First')}</th>
              <th scope="col">${msg('Latest')}</th>
            </tr>
          </thead>
          <tbody>
            ${this.#lines.map(
              ({ series, name }, i) => html`
                <tr>
                  <th scope="row">${swatch(colourOf(i))} ${name}</th>
                  <td>${formatNumber(resultsIn(series))}</td>
                  <td>${valueWords(series.points[0])}</td>
                  <td>${valueWords(series.points.at(-1))}</td>
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  /** Of the places on the axis. */
  #labels(): string[] {
    const { slots } = this.#chart;
    switch (this.#along) {
      case 'time':
        return dayLabels(slots.map(({ result }) => result.startedAtMs));
      case 'version':
        return shortVersions(slots.map(({ result }) => result));
      case 'browser':
        return slots.map(({ result }) => (result.source ?? browserWords(result.place.userAgent)).replace(', ', '\n'));
    }
  }

  #wordsOf(name: string, point: SeriesPoint): string {
    const [first] = point.results;
    const value = valueWords(point);
    if (!first) return value;
    if (this.#along === 'time') return msg(str`${name}: ${value}, ${formatDate(first.startedAtMs)}, result ${formatNumber(first.number)}.`);
    const place = this.#along === 'version' ? versionOf(first) : (first.source ?? browserWords(first.place.userAgent));
    const count = point.results.length;
    return plural(
      count,
      msg(str`${name}, ${place}: ${value}, of 1 result.`),
      msg(str`${name}, ${place}: ${value}, of ${formatNumber(count)} results.`),
    );
  }

  #open(key: string): void {
    const slot = this.#readings.find((reading) => reading.key === key)?.x;
    const id = slot === undefined ? undefined : this.#chart.slots[slot]?.result.id;
    if (id) this.#params.open({ result: id });
  }

  get #name(): string {
    const asked = this.#params.get('figure') ?? '';
    return this.#names.includes(asked) ? asked : (this.#names.find((name) => name.startsWith('tg')) ?? this.#names[0] ?? '');
  }

  #labelOf(name: string): string {
    const [, metric = '', size, depth] = /^([a-z-]+)(\d+)?(?:@d(\d+))?$/.exec(name) ?? [];
    const found = this.results
      .flatMap(({ figures }) => figures)
      .find((each) => each.metric === metric && String(each.size ?? '') === (size ?? '') && String(each.depth ?? '') === (depth ?? ''));
    return found ? figureLabel(found) : name;
  }

  #summary(): string {
    const name = this.#labelOf(this.#name);
    const count = this.#lines.reduce((sum, { series }) => sum + resultsIn(series), 0);
    return plural(
      count,
      msg(str`${name} of 1 result`),
      msg(str`${name} of ${formatNumber(count)} results in ${formatNumber(this.#lines.length)} lines`),
    );
  }
}

const axisWords = (along: Along): string => ({ time: msg('Time'), version: msg('Versions'), browser: msg('Browsers') })[along];

/** As they fit below each other: the runtime's only where it tells two apart, without the day that it was built. */
function shortVersions(results: readonly BenchmarkResult[]): string[] {
  const own = results.map(({ versions }) => versions.sill);
  return results.map((result) => {
    if (isForeign(result)) return versionOf(result).replace(' ', '\n');
    const { sill, onnxruntime } = result.versions;
    const isOne = own.filter((each) => each === sill).length === 1;
    return isOne ? `Sill ${sill}` : `Sill ${sill}\nORT ${onnxruntime.replace(/-.*/, '')}`;
  });
}

/** 301 tokens/s ± 4. */
const valueWords = (point: SeriesPoint | undefined): string => {
  if (!point) return '–';
  const { metric, mean, sd, count } = point;
  return count > 1 ? `${formatValue(metric, mean)} ± ${formatDeviation(metric, mean, sd)}` : formatValue(metric, mean);
};

declare global {
  interface HTMLElementTagNameMap {
    'sill-results-chart': SillResultsChart;
  }
}
