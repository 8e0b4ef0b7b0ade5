import { css, html, type PropertyValues, unsafeCSS } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import uPlot from 'uplot';
import chartCss from 'uplot/dist/uPlot.min.css?inline';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';

/** The colours and the type of the page, as they are when a chart is drawn. */
export interface Paint {
  /** Of a custom property, as `--wa-color-brand-50`. */
  color(name: string): string;
  /** What every axis begins with. */
  readonly axis: Pick<uPlot.Axis, 'stroke' | 'font' | 'ticks'>;
  /** Lines behind what is drawn. */
  readonly grid: uPlot.Axis.Grid;
}

/** What a chart shows: axes, scales and series. The same function as long as that stays the same. */
export type Plan = (paint: Paint) => Pick<uPlot.Options, 'scales' | 'axes' | 'series'>;

/** A point of a chart that can be pointed at. */
export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  readonly color: string;
  /** How far it may be off, to either side. */
  readonly xSpread?: number;
  readonly ySpread?: number;
}

/** A finger is not nearer than this to what it means. */
const NEAR_PX = 60;
const CAP_PX = 3;

/**
 * A drawing that follows its data, the width that it has and the theme. The canvas says nothing to a screen reader: whoever shows one gives it a
 * label, and a table beside it; `sill-read-chart` has its points read by keyboard.
 *
 * @fires sill-near with the index of the point that a pointer is at
 */
@customElement('sill-chart')
export class SillChart extends SillElement {
  static override styles = [
    unsafeCSS(chartCss),
    shared,
    css`
      .box {
        min-width: 0;
        /* Until the canvas follows a width that became smaller, it widens no page. */
        overflow-x: clip;
        /* A canvas keeps its colours where a person chose others for the page: so does what it lies on. */
        forced-color-adjust: none;
      }
      @media (forced-colors: active) {
        .box {
          background: var(--wa-color-surface-default);
        }
      }
      .ring {
        position: absolute;
        box-sizing: border-box;
        width: 15px;
        height: 15px;
        margin: -7.5px 0 0 -7.5px;
        border: 2px solid var(--wa-color-text-normal);
        border-radius: 50%;
        pointer-events: none;
      }
    `,
  ];

  @property() label = '';
  @property({ type: Number }) height = 120;
  @property({ attribute: false }) plan!: Plan;
  @property({ attribute: false }) data: uPlot.AlignedData = [[]];
  @property({ attribute: false }) points: readonly ChartPoint[] = [];
  /** The one of them that is being read. */
  @property({ attribute: false }) marked: ChartPoint | undefined;
  readonly #ring = document.createElement('div');
  @query('.box') private box!: HTMLElement;
  #chart: uPlot | undefined;
  #drawn: Plan | undefined;
  readonly #resized = new ResizeObserver(() => {
    const { clientWidth: width } = this.box;
    // It is told of the width that the chart was drawn with, too, and thousands of points are not drawn twice.
    if (this.#chart && this.#chart.width !== width) this.#chart.setSize({ width, height: this.height });
  });
  /** A canvas keeps the colours that it was drawn with. */
  readonly #themed = new MutationObserver(() => {
    this.#clear();
    this.#draw();
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.#themed.observe(document.documentElement, { attributeFilter: ['class'] });
    // Before the first rendering there is no box yet; moved elsewhere in the page, there is.
    if (this.hasUpdated) {
      this.#resized.observe(this.box);
      this.#draw();
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
    this.#themed.disconnect();
    this.#clear();
  }

  protected override firstUpdated(): void {
    this.#resized.observe(this.box);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (this.#drawn !== this.plan) this.#clear();
    if (!this.#chart || changed.has('data') || changed.has('points')) this.#draw();
    // To read another point moves the ring: thousands of points are not drawn anew.
    else this.#mark(this.#chart);
  }

  override render() {
    return html`<div class="box" role="img" aria-label=${this.label} @pointermove=${this.#onPointer} @pointerdown=${this.#onPointer}></div>`;
  }

  readonly #onPointer = (event: PointerEvent): void => {
    const chart = this.#chart;
    if (!chart || this.points.length === 0) return;
    const { left, top } = chart.over.getBoundingClientRect();
    const distance = ({ x, y }: ChartPoint): number =>
      Math.hypot(chart.valToPos(x, 'x') + left - event.clientX, chart.valToPos(y, 'y') + top - event.clientY);
    const away = this.points.map(distance);
    const nearest = away.reduce((least, each, i) => (each < (away[least] ?? Number.POSITIVE_INFINITY) ? i : least), 0);
    if ((away[nearest] ?? Number.POSITIVE_INFINITY) <= NEAR_PX) this.emit('sill-near', nearest);
  };

  #clear(): void {
    this.#chart?.destroy();
    this.#chart = undefined;
  }

  #draw(): void {
    if (this.#chart) {
      this.#chart.setData(this.data);
      return;
    }
    this.#ring.className = 'ring';
    const style = getComputedStyle(this);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    const paint: Paint = {
      color,
      axis: { stroke: color('--wa-color-text-quiet'), font: `11px ${style.fontFamily}`, ticks: { show: false } },
      grid: { stroke: color('--wa-color-surface-border'), width: 1 },
    };
    const size = { width: this.box.clientWidth, height: this.height };
    this.#drawn = this.plan;
    const options = { ...size, legend: { show: false }, cursor: { show: false }, hooks: { draw: [this.#over] } };
    this.#chart = new uPlot({ ...options, ...this.plan(paint) }, this.data, this.box);
  }

  /** What lies over the lines: how far each point may be off, and which one is being read. */
  readonly #over = (chart: uPlot): void => {
    const { ctx } = chart;
    const cap = CAP_PX * devicePixelRatio;
    const crosses = new Map<string, Path2D>();
    const lines = new Set(this.points.map(({ color }) => color)).size;
    // Where they have no room beside each other they would hide the lines.
    const shown = (this.points.length / lines) * 2 * cap <= chart.bbox.width ? this.points : [];
    for (const { x, y, color, xSpread = 0, ySpread = 0 } of shown) {
      const cross = crosses.get(color) ?? new Path2D();
      crosses.set(color, cross);
      for (const [alongX, spread] of [
        [true, xSpread],
        [false, ySpread],
      ] as const) {
        if (spread <= 0) continue;
        const ends = [-spread, spread].map((by): readonly [number, number] => [
          chart.valToPos(alongX ? x + by : x, 'x', true),
          chart.valToPos(alongX ? y : y + by, 'y', true),
        ]);
        for (const [i, [endX, endY]] of ends.entries()) {
          if (i === 0) cross.moveTo(endX, endY);
          else cross.lineTo(endX, endY);
        }
        for (const [endX, endY] of ends) {
          cross.moveTo(alongX ? endX : endX - cap, alongX ? endY - cap : endY);
          cross.lineTo(alongX ? endX : endX + cap, alongX ? endY + cap : endY);
        }
      }
    }
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    ctx.globalAlpha = 0.75;
    for (const [color, cross] of crosses) {
      ctx.strokeStyle = color;
      ctx.stroke(cross);
    }
    ctx.restore();
    this.#mark(chart);
  };

  #mark(chart: uPlot): void {
    const { marked } = this;
    if (!marked) {
      this.#ring.remove();
      return;
    }
    if (this.#ring.parentElement !== chart.over) chart.over.append(this.#ring);
    this.#ring.style.left = `${chart.valToPos(marked.x, 'x')}px`;
    this.#ring.style.top = `${chart.valToPos(marked.y, 'y')}px`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chart': SillChart;
  }
}
