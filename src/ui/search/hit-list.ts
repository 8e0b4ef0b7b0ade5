import '@awesome.me/webawesome/dist/components/copy-button/copy-button.js';
import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import type { SearchHit } from '../../protocol/engineReports.ts';
import { SillElement } from '../element.ts';
import { formatScore } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { track } from '../styles/track.ts';

/** Passages, nearest in meaning first. */
@customElement('sill-hit-list')
export class SillHitList extends SillElement {
  static override styles = [
    shared,
    track,
    css`
      ol {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--sill-space-12);
      }
      li {
        padding: var(--sill-space-16) var(--sill-space-20);
      }
      .from {
        display: flex;
        align-items: center;
        gap: var(--sill-space-12);
        font-size: var(--wa-font-size-s);
        color: var(--wa-color-text-quiet);
      }
      .name {
        flex: 1;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .name strong {
        font-weight: 600;
        color: var(--wa-color-text-normal);
      }
      .score {
        display: inline-flex;
        align-items: center;
        gap: var(--sill-space-8);
        font-variant-numeric: tabular-nums;
      }
      .track {
        width: 4.5rem;
      }
      @media (max-width: 30rem) {
        .track {
          display: none;
        }
      }
      .text {
        margin-top: var(--sill-space-6);
        white-space: pre-line;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) hits: readonly SearchHit[] = [];

  override render() {
    return html`<ol aria-label=${msg('Passages found')}>${this.hits.map((hit) => this.#hit(hit))}</ol>`;
  }

  #hit(hit: SearchHit) {
    const score = formatScore(hit.score);
    return html`
      <li class="card">
        <p class="from">
          <span class="name"><strong>${hit.documentName}</strong> · ${msg(str`passage ${hit.index + 1}`)}</span>
          <span class="score" title=${msg('Nearness of meaning, 1 at most')}>
            <span class="track" aria-hidden="true"><span style=${styleMap({ width: `${Math.max(0, Math.min(1, hit.score)) * 100}%` })}></span></span>
            <span class="visually-hidden">${msg('Nearness')}</span> ${score}
          </span>
          <wa-copy-button .value=${hit.text} copy-label=${msg('Copy passage')} success-label=${msg('Copied')} error-label=${msg('Could not copy')}></wa-copy-button>
        </p>
        <p class="text">${hit.text.trim()}</p>
      </li>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-hit-list': SillHitList;
  }
}
