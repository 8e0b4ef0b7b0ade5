import '../elements/chart.ts';
import { msg, str } from '@lit/localize';
import { html, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { type EvaluationRun, passedOf, seriesOf } from '../../core/evaluationRun.ts';
import { swatch, swatchStyles } from '../benchmarks/swatch.ts';
import { SillElement } from '../element.ts';
import type { Plan } from '../elements/chart.ts';
import { formatNumber, formatPercent, plural } from '../format.ts';
import { RouteParams } from '../route-params.ts';
import { colourOf } from '../run/colours.ts';
import { fields } from '../styles/fields.ts';
import { figureStyles } from '../styles/figures.ts';
import { shared } from '../styles/shared.ts';
import { suiteName } from './evaluation-words.ts';

const HEIGHT_PX = 200;
/** More lines than these nobody tells apart. */
const MAX_LINES = 6;

interface Line {
  readonly name: string;
  readonly runs: readonly EvaluationRun[];
}

/** How many cases of one suite a model passed over its runs, in a line for each variant. */
@customElement('sill-history-chart')
export class SillHistoryChart extends SillElement {
  static override styles = [shared, fields, swatchStyles, figureStyles];

  @property({ attribute: false }) runs: readonly EvaluationRun[] = [];
  @property({ attribute: false }) names: ReadonlyMap<string, string> = new Map();
  readonly #params = new RouteParams(this, 'evaluations');
  #drawn = '';
  #lines: Line[] = [];
  #series: ReadonlyArray<{ readonly key: string; readonly run: EvaluationRun }> = [];
  #plan: Plan = () => ({ series: [] });

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('runs') && this.#key === this.#drawn) return;
    const ended = this.runs.filter(({ verdicts, state: runState }) => runState === 'complete' && verdicts.length > 0);
    const series = new Map(ended.map((run) => [seriesOf(run), run]));
    this.#series = [...series].map(([key, run]) => ({ key, run }));
    const key = this.#key;
    this.#drawn = key;
    const lines = new Map<string, EvaluationRun[]>();
    for (const run of ended.filter((each) => seriesOf(each) === key).toReversed()) {
      const own = lines.get(run.model.variant) ?? [];
      lines.set(run.model.variant, [...own, run]);
    }
    this.#lines = [...lines].slice(0, MAX_LINES).map(([name, runs]) => ({ name, runs }));
    this.#plan = planOf(this.#lines);
  }

  override render() {
    if (this.#series.length === 0) return html``;
    const count = this.#lines.reduce((sum, { runs }) => sum + runs.length, 0);
    return html`
      <figure class="card">
        <h2>${msg('Over time')}</h2>
        <div class="field">
          <label for="series">${msg('Model and suite')}</label>
          <select id="series" @change=${this.#onSeries}>
            ${this.#series.map(({ key, run }) => html`<option value=${key} .selected=${live(key === this.#key)}>${run.model.name}: ${suiteName(run.suite.id, this.names)}</option>`)}
          </select>
        </div>
        <sill-chart
          label=${plural(
            count,
            msg('Share of cases that passed in 1 run'),
            msg(str`Share of cases that passed in ${formatNumber(count)} runs, in the order in which they were made`),
          )}
          height=${HEIGHT_PX}
          .plan=${this.#plan}
          .data=${dataOf(this.#lines)}
        ></sill-chart>
        <div class="wide" tabindex="0" role="group" aria-label=${msg('The lines of the chart')}>
          <table>
            <thead><tr><th scope="col">${msg('Variant')}</th><th scope="col">${msg('Runs')}</th><th scope="col">${msg('Latest')}</th></tr></thead>
            <tbody>
              ${this.#lines.map(
                ({ name, runs }, i) => html`
                  <tr><th scope="row">${swatch(colourOf(i))} ${name}</th><td>${formatNumber(runs.length)}</td><td>${formatPercent(shareOf(runs.at(-1)))}</td></tr>
                `,
              )}
            </tbody>
          </table>
        </div>
      </figure>
    `;
  }

  get #key(): string {
    const asked = this.#params.get('series') ?? '';
    return this.#series.some(({ key }) => key === asked) ? asked : (this.#series[0]?.key ?? '');
  }

  #onSeries(event: Event): void {
    this.#params.set({ series: (event.target as HTMLSelectElement).value });
  }
}

const shareOf = (run: EvaluationRun | undefined): number => (run ? passedOf(run) / Math.max(1, run.verdicts.length) : 0);

/** By number, which no clock can set back. */
function dataOf(lines: readonly Line[]): Array<Array<number | null>> {
  const numbers = [...new Set(lines.flatMap(({ runs }) => runs.map(({ number }) => number)))].sort((a, b) => a - b);
  const values = lines.map(({ runs }) => {
    const byNumber = new Map(runs.map((run) => [run.number, shareOf(run) * 100]));
    return numbers.map((number) => byNumber.get(number) ?? null);
  });
  return [numbers, ...values];
}

const planOf =
  (lines: readonly Line[]): Plan =>
  ({ axis, grid }) => ({
    scales: {
      x: { time: false, range: (_chart, low, high) => [low - 0.5, Math.max(high, low + 1) + 0.5] },
      y: { range: () => [0, 105] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 24, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
      { ...axis, size: 56, space: 32, grid, values: (_chart, ticks) => ticks.map((tick) => (tick > 100 ? '' : formatPercent(tick / 100))) },
    ],
    series: [
      {},
      ...lines.map(({ runs }, i) => ({
        stroke: colourOf(i),
        width: 2,
        spanGaps: true,
        points: { show: runs.length < 100, size: 7, fill: colourOf(i) },
      })),
    ],
  });

declare global {
  interface HTMLElementTagNameMap {
    'sill-history-chart': SillHistoryChart;
  }
}
