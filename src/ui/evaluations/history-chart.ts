import '../elements/read-chart.ts';
import { msg, str } from '@lit/localize';
import { html, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { type EvaluationRun, passedOf, seriesOf } from '../../core/evaluationRun.ts';
import { swatch, swatchStyles } from '../benchmarks/swatch.ts';
import { SillElement } from '../element.ts';
import type { Plan } from '../elements/chart.ts';
import { lineData, linePlan, MAX_LINES } from '../elements/line-plan.ts';
import type { Reading } from '../elements/read-chart.ts';
import { dayLabels, formatDate, formatNumber, formatPercent, plural } from '../format.ts';
import { RouteParams } from '../route-params.ts';
import { fields } from '../styles/fields.ts';
import { figureStyles } from '../styles/figures.ts';
import { colourOf } from '../styles/series-colours.ts';
import { shared } from '../styles/shared.ts';
import { passedWords, suiteName } from './evaluation-words.ts';

const HEIGHT_PX = 200;

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
  #readings: Reading[] = [];
  #data: Array<Array<number | null>> = [[]];
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
    this.#draw();
  }

  #draw(): void {
    // By number, which no clock can set back.
    const runs = this.#lines.flatMap((line) => line.runs).sort((a, b) => a.number - b.number);
    const slots = new Map(runs.map(({ number }, slot) => [number, slot]));
    const lines = this.#lines.map((line) => line.runs.map((run) => ({ slot: slots.get(run.number) ?? 0, value: shareOf(run) * 100 })));
    this.#data = lineData(lines, runs.length);
    this.#plan = linePlan(lines, dayLabels(runs.map(({ startedAtMs }) => startedAtMs)), 105, (tick) =>
      tick > 100 ? '' : formatPercent(tick / 100),
    );
    this.#readings = this.#lines
      .flatMap(({ name, runs: own }, i) =>
        own.map((run) => ({
          ...{ key: run.id, x: slots.get(run.number) ?? 0, y: shareOf(run) * 100, color: colourOf(i) },
          words: () => msg(str`${name}: passed ${passedWords(run)}, ${formatDate(run.startedAtMs)}, run ${formatNumber(run.number)}.`),
        })),
      )
      .sort((a, b) => a.x - b.x);
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
        <sill-read-chart
          label=${plural(
            count,
            msg('Share of cases that passed in 1 run'),
            msg(str`Share of cases that passed in ${formatNumber(count)} runs, in the order in which they were made`),
          )}
          height=${HEIGHT_PX}
          .plan=${this.#plan}
          .data=${this.#data}
          .readings=${this.#readings}
          opens=${msg('Show this run')}
          @sill-read=${(event: CustomEvent<string>) => this.#params.open({ run: event.detail })}
        ></sill-read-chart>
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

declare global {
  interface HTMLElementTagNameMap {
    'sill-history-chart': SillHistoryChart;
  }
}
