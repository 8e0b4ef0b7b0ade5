import { figureStyles } from '../styles/figures.ts';
import '../elements/chart.ts';
import { msg, str } from '@lit/localize';
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { BenchmarkResult } from '../../core/benchmark/result.ts';
import { type QualityPoint, qualityPoints } from '../../core/benchmark/series.ts';
import { SillElement } from '../element.ts';
import type { Plan } from '../elements/chart.ts';
import { formatNumber, plural } from '../format.ts';
import { colourOf } from '../run/colours.ts';
import { shared } from '../styles/shared.ts';
import { formatValue, placeLabel } from './benchmark-words.ts';
import { swatch, swatchStyles } from './swatch.ts';

const HEIGHT_PX = 220;
const MAX_POINTS = 24;

/** What speed costs in quality: speed of writing against the score that the publisher states, a point for each variant and device. */
@customElement('sill-quality-plot')
export class SillQualityPlot extends SillElement {
  static override styles = [shared, swatchStyles, figureStyles];

  @property({ attribute: false }) results: readonly BenchmarkResult[] = [];
  #points: QualityPoint[] = [];
  #plan: Plan = () => ({ series: [] });

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('results')) return;
    const points = qualityPoints(this.results);
    // Scores of one kind only can stand on one axis.
    const metric = points[0]?.metric;
    this.#points = points.filter((point) => point.metric === metric).slice(0, MAX_POINTS);
    this.#plan = planOf(this.#points.length);
  }

  override render() {
    const [first] = this.#points;
    if (!first) return nothing;
    return html`
      <figure class="card">
        <h2>${msg('Speed against quality')}</h2>
        <p class="quiet small">
          ${msg(str`Upwards is the publisher's score of the variant (${first.metric}; of nll and perplexity, less is better), to the right the speed of writing here.`)}
        </p>
        <sill-chart label=${plural(this.#points.length, msg(str`Speed against ${first.metric}, 1 variant`), msg(str`Speed against ${first.metric}, ${this.#points.length} variants`))} height=${HEIGHT_PX} .plan=${this.#plan} .data=${dataOf(this.#points)}></sill-chart>
        <div class="wide" tabindex="0" role="group" aria-label=${msg('The points of the plot')}>
          <table>
            <thead>
              <tr><th scope="col">${msg('Variant')}</th><th scope="col">${msg('Device')}</th><th scope="col">${msg('Speed')}</th><th scope="col">${first.metric}</th></tr>
            </thead>
            <tbody>${this.#points.map((point, index) => this.#row(point, index))}</tbody>
          </table>
        </div>
      </figure>
    `;
  }

  #row({ result, speed, score }: QualityPoint, index: number) {
    return html`
      <tr>
        <th scope="row">${swatch(colourOf(index))} ${result.model.name} ${result.model.variant}</th>
        <td>${placeLabel(result)}</td>
        <td>${formatValue(speed.metric, speed.mean)}</td>
        <td>${formatNumber(score, 3)}</td>
      </tr>
    `;
  }
}

/** Along one axis of speeds, a series for each point, so that each has its colour. */
function dataOf(points: readonly QualityPoint[]): Array<Array<number | null>> {
  const sorted = points.map((point, index) => ({ point, index })).sort((a, b) => a.point.speed.mean - b.point.speed.mean);
  return [
    sorted.map(({ point }) => point.speed.mean),
    ...points.map((_, index) => sorted.map((each) => (each.index === index ? each.point.score : null))),
  ];
}

const planOf =
  (count: number): Plan =>
  ({ axis, grid }) => ({
    scales: {
      x: { time: false, range: (_chart, _low, high) => [0, Math.max(high * 1.15, 1)] },
      y: { range: (_chart, low, high) => [low * 0.98, high * 1.02] },
    },
    axes: [
      { ...axis, size: 24, grid },
      { ...axis, size: 56, space: 32, grid, values: (_chart, ticks) => ticks.map((tick) => formatNumber(tick, 3)) },
    ],
    series: [
      {},
      ...Array.from({ length: count }, (_, i) => ({ stroke: colourOf(i), width: 0, points: { show: true, size: 12, fill: colourOf(i) } })),
    ],
  });

declare global {
  interface HTMLElementTagNameMap {
    'sill-quality-plot': SillQualityPlot;
  }
}
