import { css, html, unsafeCSS } from 'lit';
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

/**
 * A drawing that follows its data, the width that it has and the theme. The canvas says nothing to a screen reader: whoever shows one gives it a
 * label, and a table beside it.
 */
@customElement('sill-chart')
export class SillChart extends SillElement {
  static override styles = [
    unsafeCSS(chartCss),
    shared,
    css`
      .box {
        min-width: 0;
        /* A canvas keeps its colours where a person chose others for the page: so does what it lies on. */
        forced-color-adjust: none;
      }
      @media (forced-colors: active) {
        .box {
          background: var(--wa-color-surface-default);
        }
      }
    `,
  ];

  @property() label = '';
  @property({ type: Number }) height = 120;
  @property({ attribute: false }) plan!: Plan;
  @property({ attribute: false }) data: uPlot.AlignedData = [[]];
  @query('.box') private box!: HTMLElement;
  #chart: uPlot | undefined;
  #drawn: Plan | undefined;
  readonly #resized = new ResizeObserver(() => this.#chart?.setSize({ width: this.box.clientWidth, height: this.height }));
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

  protected override updated(): void {
    if (this.#drawn !== this.plan) this.#clear();
    this.#draw();
  }

  override render() {
    return html`<div class="box" role="img" aria-label=${this.label}></div>`;
  }

  #clear(): void {
    this.#chart?.destroy();
    this.#chart = undefined;
  }

  #draw(): void {
    if (this.#chart) {
      this.#chart.setData(this.data);
      return;
    }
    const style = getComputedStyle(this);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    const paint: Paint = {
      color,
      axis: { stroke: color('--wa-color-text-quiet'), font: `11px ${style.fontFamily}`, ticks: { show: false } },
      grid: { stroke: color('--wa-color-surface-border'), width: 1 },
    };
    const size = { width: this.box.clientWidth, height: this.height };
    this.#drawn = this.plan;
    this.#chart = new uPlot({ ...size, legend: { show: false }, cursor: { show: false }, ...this.plan(paint) }, this.data, this.box);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chart': SillChart;
  }
}
