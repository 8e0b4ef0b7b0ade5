import '../elements/chart.ts';
import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import uPlot from 'uplot';
import { SillElement } from '../element.ts';
import type { Plan } from '../elements/chart.ts';
import { formatDuration, formatNumber } from '../format.ts';
import { shared } from '../styles/shared.ts';

export interface AnswerSpeed {
  readonly tokensPerSecond: number;
  readonly ttftMs: number;
  readonly variant: string;
}

const HEIGHT_PX = 140;

const PLAN: Plan = ({ color, axis, grid }) => {
  const bars = uPlot.paths.bars?.({ size: [0.6, 36], radius: 0.15 });
  const brand = color('--wa-color-brand-50');
  return {
    scales: {
      x: { time: false, range: (_chart, low, high) => [low - 0.5, high + 0.5] },
      y: { range: (_chart, _low, high) => [0, high * 1.1] },
    },
    axes: [
      { ...axis, grid: { show: false }, incrs: [1, 2, 5], size: 24 },
      { ...axis, size: 44, space: 28, grid },
    ],
    series: [{}, { fill: brand, stroke: brand, ...(bars && { paths: bars }), points: { show: false } }],
  };
};

/** Tokens per second of the last answers, drawn and as a table: the canvas alone says nothing to a screen reader. */
@customElement('sill-speed-chart')
export class SillSpeedChart extends SillElement {
  static override styles = [
    shared,
    css`
      figcaption {
        margin-bottom: var(--sill-space-12);
        font-weight: 650;
      }
      summary {
        cursor: pointer;
        width: fit-content;
        margin-top: var(--sill-space-8);
        font-size: var(--wa-font-size-s);
        color: var(--wa-color-text-quiet);
      }
      table {
        width: 100%;
        margin-top: var(--sill-space-8);
        border-collapse: collapse;
        font-size: var(--wa-font-size-s);
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        padding: var(--sill-space-4) 0;
        font-weight: 400;
        text-align: end;
      }
      :is(th, td):first-child {
        text-align: start;
      }
      thead {
        color: var(--wa-color-text-quiet);
      }
    `,
  ];

  @property({ attribute: false }) speeds: readonly AnswerSpeed[] = [];

  override render() {
    return html`
      <figure class="card">
        <figcaption>${msg('Speed of the last answers, in tokens per second')}</figcaption>
        <sill-chart label=${this.#summary()} height=${HEIGHT_PX} .plan=${PLAN} .data=${this.#data()}></sill-chart>
        <details>
          <summary>${msg('As a table')}</summary>
          <table>
            <thead>
              <tr>
                <th scope="col">${msg('Answer')}</th>
                <th scope="col">${msg('Tokens/s')}</th>
                <th scope="col">${msg('First token after')}</th>
                <th scope="col">${msg('Variant')}</th>
              </tr>
            </thead>
            <tbody>
              ${this.speeds.map(
                (speed, index) => html`
                  <tr>
                    <th scope="row">${index + 1}</th>
                    <td>${formatNumber(speed.tokensPerSecond, 1)}</td>
                    <td>${formatDuration(speed.ttftMs / 1000)}</td>
                    <td><code>${speed.variant}</code></td>
                  </tr>
                `,
              )}
            </tbody>
          </table>
        </details>
      </figure>
    `;
  }

  #summary(): string {
    const all = this.speeds.map((speed) => speed.tokensPerSecond);
    return msg(
      str`${all.length} answers between ${formatNumber(Math.min(...all), 1)} and ${formatNumber(Math.max(...all), 1)} tokens per second`,
    );
  }

  #data() {
    return [this.speeds.map((_speed, index) => index + 1), this.speeds.map((speed) => speed.tokensPerSecond)];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-speed-chart': SillSpeedChart;
  }
}
