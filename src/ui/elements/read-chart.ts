import './chart.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type uPlot from 'uplot';
import { SillElement } from '../element.ts';
import { formatNumber } from '../format.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import type { ChartPoint, Plan } from './chart.ts';

/** A point, and what it says. */
export interface Reading extends ChartPoint {
  /** The same as long as it is the same point. */
  readonly key: string;
  /** Asked for when it is read: there may be thousands. */
  readonly words: () => string;
}

/**
 * A chart whose points can be read one by one: with a pointer at them, and with the slider below, by arrow keys, a finger and a screen reader.
 *
 * @fires sill-read with the key of a point, when somebody asks for what lies behind it
 */
@customElement('sill-read-chart')
export class SillReadChart extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      :host {
        display: block;
        min-width: 0;
      }
      input[type='range'] {
        display: block;
        box-sizing: border-box;
        /* As far in as the drawing, beside its numbers. */
        width: calc(100% - 56px);
        margin: var(--sill-space-4) 0 0 56px;
      }
      @media (pointer: coarse) {
        input[type='range'] {
          height: 44px;
        }
      }
      p {
        min-height: 2.75em;
        margin: var(--sill-space-4) 0 0;
        font-size: var(--wa-font-size-s);
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  @property() label = '';
  @property({ type: Number }) height = 220;
  @property({ attribute: false }) plan!: Plan;
  @property({ attribute: false }) data: uPlot.AlignedData = [[]];
  /** In the order in which they are read. */
  @property({ attribute: false }) readings: readonly Reading[] = [];
  /** What is behind a point can be opened by these words. */
  @property() opens = '';
  @state() private key: string | undefined;

  protected override willUpdate(changed: PropertyValues): void {
    // What is new stands at the end, and is what somebody looks for.
    if (changed.has('readings') && !this.readings.some(({ key }) => key === this.key)) this.key = this.readings.at(-1)?.key;
  }

  override render() {
    const { readings } = this;
    const at = readings.findIndex(({ key }) => key === this.key);
    const reading = readings[at];
    const words = reading?.words() ?? '';
    return html`
      <sill-chart
        label=${this.label}
        height=${this.height}
        .plan=${this.plan}
        .data=${this.data}
        .points=${readings}
        .marked=${reading}
        @sill-near=${(event: CustomEvent<number>) => this.#to(event.detail)}
      ></sill-chart>
      ${
        readings.length > 1
          ? html`<input
              type="range"
              aria-label=${msg('Point to read')}
              aria-valuetext=${msg(str`${formatNumber(at + 1)} of ${formatNumber(readings.length)}: ${words}`)}
              min="0"
              max=${readings.length - 1}
              step="1"
              .value=${live(String(at))}
              @input=${(event: Event) => this.#to((event.target as HTMLInputElement).valueAsNumber)}
            />`
          : nothing
      }
      <p>
        ${words}
        ${reading && this.opens ? html`<button class="link" @click=${() => this.emit('sill-read', reading.key)}>${this.opens}</button>` : nothing}
      </p>
    `;
  }

  #to(index: number): void {
    this.key = this.readings[index]?.key ?? this.key;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-read-chart': SillReadChart;
  }
}
