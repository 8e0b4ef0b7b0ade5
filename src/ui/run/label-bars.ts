import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import { SillElement } from '../element.ts';
import { formatPercent } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { track } from '../styles/track.ts';

/** One of several things that a model sees or takes for right. */
export interface Rated {
  readonly label: string;
  /** 0 to 1; absent where the model gives none. */
  readonly score?: number | undefined;
  /** Where it is drawn in a colour elsewhere. */
  readonly colour?: string | undefined;
}

/** Labels with how sure a model is of each. */
@customElement('sill-label-bars')
export class SillLabelBars extends SillElement {
  static override styles = [
    shared,
    track,
    css`
      ol {
        display: grid;
        gap: var(--sill-space-10);
      }
      .words {
        display: flex;
        align-items: baseline;
        gap: var(--sill-space-8);
      }
      .label {
        flex: 1;
        overflow-wrap: anywhere;
      }
      li:first-child .label {
        font-weight: 600;
      }
      .swatch {
        align-self: center;
        width: 0.875rem;
        height: 0.875rem;
        border-radius: var(--wa-border-radius-s);
        border: 1px solid var(--wa-color-neutral-border-loud);
        forced-color-adjust: none;
      }
      .track {
        display: block;
        margin-top: var(--sill-space-4);
      }
    `,
  ];

  @property() label = '';
  @property({ attribute: false }) items: readonly Rated[] = [];

  override render() {
    if (this.items.length === 0) return html`<p class="quiet">${msg('Nothing was found.')}</p>`;
    return html`<ol aria-label=${this.label}>${this.items.map((item) => this.#row(item))}</ol>`;
  }

  #row({ label, score, colour }: Rated) {
    return html`
      <li>
        <span class="words">
          ${colour === undefined ? nothing : html`<span class="swatch" style=${styleMap({ background: colour })}></span>`}
          <span class="label">${label}</span>
          ${score === undefined ? nothing : html`<span class="figures quiet small">${formatPercent(score)}</span>`}
        </span>
        ${
          score === undefined
            ? nothing
            : html`<span class="track" aria-hidden="true"><span style=${styleMap({ width: `${Math.max(0, Math.min(1, score)) * 100}%` })}></span></span>`
        }
      </li>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-label-bars': SillLabelBars;
  }
}
