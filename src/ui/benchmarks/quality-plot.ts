import { figureStyles } from '../styles/figures.ts';
import '../elements/read-chart.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { type Measure, type QualityPlot, type QualityPoint, qualityPlot } from '../../core/benchmark/quality.ts';
import type { BenchmarkResult } from '../../core/benchmark/result.ts';
import type { EvaluationRun } from '../../core/evaluationRun.ts';
import { suiteModel } from '../../core/ownSuite.ts';
import { SillElement } from '../element.ts';
import type { Plan } from '../elements/chart.ts';
import type { Reading } from '../elements/read-chart.ts';
import { formatList, formatNumber, plural } from '../format.ts';
import { RouteParams } from '../route-params.ts';
import { routeHref } from '../routes.ts';
import { fields } from '../styles/fields.ts';
import { colourOf } from '../styles/series-colours.ts';
import { shared } from '../styles/shared.ts';
import { formatDeviation, formatValue } from './benchmark-words.ts';
import { lineNames } from './line-names.ts';
import { swatch, swatchStyles } from './swatch.ts';

const HEIGHT_PX = 240;
const MAX_POINTS = 24;
const MAX_NAMES = 6;

/** What speed costs in quality: speed of writing against one score over one text, a point for each variant and place. */
@customElement('sill-quality-plot')
export class SillQualityPlot extends SillElement {
  protected static override readonly drawsBehind = true;
  static override styles = [
    shared,
    fields,
    swatchStyles,
    figureStyles,
    css`
      .field {
        max-width: 32rem;
      }
      pre {
        margin: 0;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        font-size: var(--wa-font-size-s);
      }
    `,
  ];

  @property({ attribute: false }) results: readonly BenchmarkResult[] = [];
  /** Of suites, whose scores are held against speed as well. */
  @property({ attribute: false }) runs: readonly EvaluationRun[] = [];
  readonly #params = new RouteParams(this, 'benchmarks');
  #plot: QualityPlot = { measures: [], measured: [] };
  #points: readonly QualityPoint[] = [];
  #names: string[] = [];
  #readings: Reading[] = [];
  #data: Array<Array<number | null>> = [[]];
  #plan: Plan = () => ({ series: [] });
  #drawn: Measure | undefined;

  get #measure(): Measure | undefined {
    const asked = this.#params.get('quality');
    return this.#plot.measures.find(({ key }) => key === asked) ?? this.#plot.measures[0];
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('results') || changed.has('runs')) this.#plot = qualityPlot(this.results, this.runs);
    const measure = this.#measure;
    if (measure === this.#drawn && !changed.has('results')) return;
    this.#drawn = measure;
    this.#points = measure?.points.slice(0, MAX_POINTS) ?? [];
    this.#names = lineNames(this.#points.map(({ result }) => result));
    const readings = this.#points.map((point, i): Reading => {
      const { result, speed, score } = point;
      return {
        ...{ key: result.id, x: speed.mean, y: score, xSpread: speed.sd, color: colourOf(i) },
        words: () => msg(str`${this.#names[i] ?? ''}: ${speedWords(point)}, ${measureName(measure)} ${formatNumber(score, 3)}.`),
      };
    });
    this.#readings = readings.sort((a, b) => a.x - b.x);
    this.#data = dataOf(this.#points);
    this.#plan = planOf(this.#points);
  }

  override render() {
    const measure = this.#measure;
    return html`
      <figure class="card">
        <h2>${msg('Speed against quality')}</h2>
        ${measure ? this.#drawing(measure) : this.#missing()}
      </figure>
    `;
  }

  #drawing(measure: Measure) {
    const count = this.#points.length;
    const name = measureName(measure);
    return html`
      <div class="field">
        <label for="quality">${msg('Quality by')}</label>
        <select id="quality" @change=${(event: Event) => this.#params.set({ quality: (event.target as HTMLSelectElement).value })}>
          ${this.#plot.measures.map((each) => html`<option value=${each.key} .selected=${live(each === measure)}>${measureWords(each)}</option>`)}
        </select>
      </div>
      <p class="quiet small">
        ${measure.lessIsBetter ? msg(str`To the right it writes faster (${this.#plot.speed ?? ''}), downwards it is better: of ${name}, less is.`) : msg(str`To the right it writes faster (${this.#plot.speed ?? ''}), upwards it is better.`)}
        ${measure.over ? sourceWords(measure) : nothing}
      </p>
      <sill-read-chart
        label=${plural(count, msg(str`Speed against ${name}, 1 variant`), msg(str`Speed against ${name}, ${formatNumber(count)} variants`))}
        height=${HEIGHT_PX}
        .plan=${this.#plan}
        .data=${this.#data}
        .readings=${this.#readings}
      ></sill-read-chart>
      <div class="wide" tabindex="0" role="group" aria-label=${msg('The points of the plot')}>
        <table>
          <thead>
            <tr><th scope="col">${msg('Variant')}</th><th scope="col">${msg('Speed')}</th><th scope="col">${name}</th></tr>
          </thead>
          <tbody>
            ${this.#points.map(
              (point, i) => html`
                <tr>
                  <th scope="row">${swatch(colourOf(i))} ${this.#names[i]}</th>
                  <td>${speedWords(point)}</td>
                  <td>${formatNumber(point.score, 3)}</td>
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
      ${this.#without(measure)}
    `;
  }

  /** Measured ones that this score says nothing of. */
  #without(measure: Measure) {
    const shown = new Set(measure.points.map(({ result }) => result.id));
    const others = this.#plot.measured.filter(({ id, model }) => !shown.has(id) && (!measure.model || measure.model.id === model.id));
    if (others.length === 0) {
      if (measure.points.length > 1) return nothing;
      return html`<p class="quiet small">${msg('One point shows no trade. Measure another variant, model or device, or bring its results in below.')}</p>`;
    }
    const names = lineNames(others);
    const more = names.length - MAX_NAMES;
    const listed = more > 0 ? [...names.slice(0, MAX_NAMES), msg(str`${formatNumber(more)} more`)] : names;
    return html`
      <p class="quiet small">
        ${msg(str`Without this score: ${formatList(listed)}.`)}
        ${measure.by === 'suite' ? msg('Run the same suite with them.') : msg('Their publisher states none over this text; a suite of your own can score all of them.')}
        <a href=${routeHref('evaluations')}>${msg('To Evaluations')}</a>
      </p>
    `;
  }

  /** No score, or no speed, and how to come by one. */
  #missing() {
    if (this.#plot.speed === undefined)
      return html`<p class="quiet">${msg('This needs a comparable result of a model that writes text: run a benchmark above.')}</p>`;
    return html`
      <p class="quiet">
        ${msg(str`Speeds are known, but no score: the publishers state none. Write a suite with a case of this kind, over a text of your own, and run it with each variant or model:`)}
      </p>
      <pre><code>{"id": "text", "prompt": "${msg('A page of text of the kind that matters to you.')}", "assert": [{"type": "bits-per-byte", "threshold": 2}]}</code></pre>
      <p><a href=${routeHref('evaluations')}>${msg('To Evaluations')}</a></p>
    `;
  }
}

/** In the terms of the field, which are the same in every language; the share of a suite is none of those. */
const measureName = (measure: Measure | undefined): string =>
  measure?.metric === 'score' && measure.by === 'suite' ? msg('score of the suite') : (measure?.metric ?? '');

const suiteWords = (id: string): string => {
  const model = suiteModel(id);
  return model === undefined ? msg(str`suite “${id}”`) : msg(str`the suite of ${model}'s publisher`);
};

function measureWords(measure: Measure): string {
  const { by, over, model } = measure;
  const name = measureName(measure);
  const of = by === 'suite' ? suiteWords(over) : msg("publisher's");
  return model ? msg(str`${model.name}: ${name}, ${of}`) : msg(str`${name}, ${of}`);
}

const sourceWords = ({ by, over }: Measure): string =>
  by === 'suite' ? msg(str`It comes from ${suiteWords(over)}, run here or brought in.`) : msg(str`The publisher states it, over: ${over}`);

const speedWords = ({ speed: { metric, mean, sd, count } }: QualityPoint): string =>
  count > 1 ? `${formatValue(metric, mean)} ± ${formatDeviation(metric, mean, sd)}` : formatValue(metric, mean);

/** Along one axis of speeds, a series for each point, so that each has its colour. */
function dataOf(points: readonly QualityPoint[]): Array<Array<number | null>> {
  const sorted = points.map((point, index) => ({ point, index })).sort((a, b) => a.point.speed.mean - b.point.speed.mean);
  return [
    sorted.map(({ point }) => point.speed.mean),
    ...points.map((_, index) => sorted.map((each) => (each.index === index ? each.point.score : null))),
  ];
}

function planOf(points: readonly QualityPoint[]): Plan {
  const fastest = Math.max(1, ...points.map(({ speed }) => speed.mean + speed.sd));
  const scores = points.map(({ score }) => score);
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  // Scores of one model's variants lie close together: from zero on they would be one line.
  const room = Math.max((most - least) * 0.25, Math.abs(most) * 0.02, 0.001);
  const digits = room < 0.05 ? 3 : room < 0.5 ? 2 : 1;
  return ({ axis, grid }) => ({
    scales: {
      x: { time: false, range: () => [0, fastest * 1.1] },
      y: { range: () => [least - room, most + room] },
    },
    axes: [
      { ...axis, size: 26, grid },
      { ...axis, size: 56, space: 32, grid, values: (_chart, ticks) => ticks.map((tick) => formatNumber(tick, digits)) },
    ],
    series: [{}, ...points.map((_, i) => ({ stroke: colourOf(i), width: 0, points: { show: true, size: 12, fill: colourOf(i) } }))],
  });
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-quality-plot': SillQualityPlot;
  }
}
