import '../elements/chart.ts';
import { msg, str } from '@lit/localize';
import { html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { SpeedMark } from '../../protocol/downloadReports.ts';
import { SillElement } from '../element.ts';
import type { Plan } from '../elements/chart.ts';
import { formatDuration, formatNumber, formatSpeed } from '../format.ts';
import { behind } from '../styles/figures.ts';
import { shared } from '../styles/shared.ts';

const HEIGHT_PX = 96;
/** The table names so many moments, evenly spread: a line for each second is nothing to read. */
const TABLE_ROWS = 10;

const PLAN: Plan = ({ color, axis, grid }) => ({
  scales: {
    x: { time: false, range: (_chart, low, high) => [low, Math.max(high, low + 10)] },
    y: { range: (_chart, _low, high) => [0, Math.max(high * 1.15, 0.01)] },
  },
  axes: [
    { ...axis, grid: { show: false }, size: 20, values: (_chart, ticks) => ticks.map((seconds) => `${formatNumber(seconds)} s`) },
    { ...axis, size: 64, space: 28, grid, values: (_chart, ticks) => ticks.map((megabytes) => formatSpeed(megabytes * 1e6)) },
  ],
  series: [{}, { stroke: color('--wa-color-brand-50'), width: 2, fill: color('--wa-color-brand-fill-quiet'), points: { show: false } }],
});

/** How fast a download was over time, drawn and as a table: the canvas alone says nothing to a screen reader. */
@customElement('sill-speed-curve')
export class SillSpeedCurve extends SillElement {
  static override styles = [shared, behind];

  /** Oldest first. */
  @property({ attribute: false }) marks: readonly SpeedMark[] = [];

  override render() {
    const { marks } = this;
    const step = Math.max(1, Math.ceil(marks.length / TABLE_ROWS));
    const rows = marks.filter((_, index) => index % step === 0 || index === marks.length - 1);
    return html`
      <figure>
        <sill-chart label=${this.#summary()} height=${HEIGHT_PX} .plan=${PLAN} .data=${this.#data()}></sill-chart>
        <details>
          <summary>${msg('Speed as a table')}</summary>
          <table>
            <thead>
              <tr><th scope="col">${msg('After')}</th><th scope="col">${msg('Speed')}</th></tr>
            </thead>
            <tbody>
              ${rows.map((mark) => html`<tr><th scope="row">${formatDuration(this.#secondsOf(mark))}</th><td>${formatSpeed(mark.bytesPerSecond)}</td></tr>`)}
            </tbody>
          </table>
        </details>
      </figure>
    `;
  }

  #secondsOf = ({ atMs }: SpeedMark): number => (atMs - (this.marks[0]?.atMs ?? atMs)) / 1000;

  #summary(): string {
    const all = this.marks.map((mark) => mark.bytesPerSecond);
    const last = this.marks.at(-1);
    return msg(
      str`Speed over ${formatDuration(last ? this.#secondsOf(last) : 0)}: between ${formatSpeed(Math.min(...all))} and ${formatSpeed(Math.max(...all))}`,
    );
  }

  #data() {
    return [this.marks.map(this.#secondsOf), this.marks.map((mark) => mark.bytesPerSecond / 1e6)];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-speed-curve': SillSpeedCurve;
  }
}
