import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';

/** One thing that was measured of two. */
export interface Compared {
  readonly name: string;
  /** Absent where it was not measured. */
  readonly first?: number;
  readonly second?: number;
  readonly format: (value: number) => string;
}

/** Figures of two things beside each other: as numbers, and as bars on one scale for each row. */
@customElement('sill-compare-bars')
export class SillCompareBars extends SillElement {
  static override styles = [
    shared,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: var(--wa-font-size-s);
        font-variant-numeric: tabular-nums;
      }
      th {
        font-weight: 400;
        text-align: start;
      }
      thead {
        color: var(--wa-color-text-quiet);
        font-size: var(--wa-font-size-s);
      }
      :is(th, td) {
        padding: var(--sill-space-6) var(--sill-space-12) var(--sill-space-6) 0;
        vertical-align: top;
      }
      tbody tr {
        border-top: 1px solid var(--wa-color-surface-border);
      }
      :is(th, td):not(:first-child) {
        width: 34%;
      }
      .bar {
        display: block;
        height: 0.375rem;
        margin-top: var(--sill-space-4);
        border-radius: var(--wa-border-radius-pill);
        background: var(--wa-color-neutral-border-loud);
        forced-color-adjust: none;
      }
      .first .bar {
        background: var(--wa-color-brand-50);
      }
    `,
  ];

  @property() label = '';
  @property() first = '';
  @property() second = '';
  @property({ attribute: false }) rows: readonly Compared[] = [];

  override render() {
    if (this.rows.length === 0) return nothing;
    return html`
      <table>
        <caption class="visually-hidden">${this.label}</caption>
        <thead>
          <tr><td></td><th scope="col">${this.first}</th><th scope="col">${this.second}</th></tr>
        </thead>
        <tbody>
          ${this.rows.map((row) => {
            const most = Math.max(row.first ?? 0, row.second ?? 0);
            return html`
              <tr>
                <th scope="row">${row.name}</th>
                <td class="first">${this.#figure(row, row.first, most)}</td>
                <td>${this.#figure(row, row.second, most)}</td>
              </tr>
            `;
          })}
        </tbody>
      </table>
    `;
  }

  #figure({ format }: Compared, value: number | undefined, most: number) {
    if (value === undefined) return html`<span class="quiet">–</span>`;
    const share = most > 0 ? Math.max(0, value) / most : 0;
    return html`${format(value)}<span class="bar" aria-hidden="true" style=${styleMap({ width: `${share * 100}%` })}></span>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-compare-bars': SillCompareBars;
  }
}
