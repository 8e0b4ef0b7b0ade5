import { msg, str } from '@lit/localize';
import { css, html, unsafeCSS } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import uPlot from 'uplot';
import chartCss from 'uplot/dist/uPlot.min.css?inline';
import type { SpeedMark } from '../../protocol/reports.ts';
import { SillElement } from '../element.ts';
import { formatDuration, formatNumber, formatSpeed } from '../format.ts';
import { shared } from '../styles/shared.ts';

const HEIGHT_PX = 96;
/** The table names so many moments, evenly spread: a line for each second is nothing to read. */
const TABLE_ROWS = 10;

/** How fast a download was over time, drawn and as a table: the canvas alone says nothing to a screen reader. */
@customElement('sill-speed-curve')
export class SillSpeedCurve extends SillElement {
  static override styles = [
    unsafeCSS(chartCss),
    shared,
    css`
      summary {
        cursor: pointer;
        width: fit-content;
        font-size: 0.8125rem;
        color: var(--wa-color-text-quiet);
      }
      table {
        margin-top: 0.25rem;
        border-collapse: collapse;
        font-size: 0.8125rem;
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        padding: 0.125rem 1.5rem 0.125rem 0;
        font-weight: 400;
        text-align: start;
      }
      thead {
        color: var(--wa-color-text-quiet);
      }
    `,
  ];

  /** Oldest first. */
  @property({ attribute: false }) marks: readonly SpeedMark[] = [];
  @query('.chart') private box!: HTMLElement;
  #chart: uPlot | undefined;
  readonly #resized = new ResizeObserver(() => this.#chart?.setSize({ width: this.box.clientWidth, height: HEIGHT_PX }));
  /** A canvas keeps the colours that it was drawn with. */
  readonly #themed = new MutationObserver(() => {
    this.#chart?.destroy();
    this.#chart = undefined;
    this.#draw();
  });

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
    this.#themed.disconnect();
    this.#chart?.destroy();
    this.#chart = undefined;
  }

  protected override firstUpdated(): void {
    this.#resized.observe(this.box);
    this.#themed.observe(document.documentElement, { attributeFilter: ['class'] });
  }

  protected override updated(): void {
    this.#draw();
  }

  override render() {
    const { marks } = this;
    const step = Math.max(1, Math.ceil(marks.length / TABLE_ROWS));
    const rows = marks.filter((_, index) => index % step === 0 || index === marks.length - 1);
    return html`
      <figure>
        <div class="chart" role="img" aria-label=${this.#summary()}></div>
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

  #draw(): void {
    const data: uPlot.AlignedData = [this.marks.map(this.#secondsOf), this.marks.map((mark) => mark.bytesPerSecond / 1e6)];
    if (this.#chart) {
      this.#chart.setData(data);
      return;
    }
    const style = getComputedStyle(this);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    const axis = { stroke: color('--wa-color-text-quiet'), font: `11px ${style.fontFamily}`, ticks: { show: false } };
    this.#chart = new uPlot(
      {
        width: this.box.clientWidth,
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: (_chart, low, high) => [low, Math.max(high, low + 10)] },
          y: { range: (_chart, _low, high) => [0, Math.max(high * 1.15, 0.01)] },
        },
        axes: [
          { ...axis, grid: { show: false }, size: 20, values: (_chart, ticks) => ticks.map((seconds) => `${formatNumber(seconds)} s`) },
          {
            ...axis,
            size: 64,
            space: 28,
            grid: { stroke: color('--wa-color-surface-border'), width: 1 },
            values: (_chart, ticks) => ticks.map((megabytes) => formatSpeed(megabytes * 1e6)),
          },
        ],
        series: [
          {},
          { stroke: color('--wa-color-brand-50'), width: 2, fill: color('--wa-color-brand-fill-quiet'), points: { show: false } },
        ],
      },
      data,
      this.box,
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-speed-curve': SillSpeedCurve;
  }
}
