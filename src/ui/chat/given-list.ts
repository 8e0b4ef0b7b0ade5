import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Piece } from '../../core/chat/attachment.ts';
import { SillElement } from '../element.ts';
import { formatNumber, formatScore, plural } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { tokensWords } from '../words.ts';

/** What a model was given with a question: each piece opens to its text. What it made of them nobody can tell, and nothing here says so. */
@customElement('sill-given-list')
export class SillGivenList extends SillElement {
  static override styles = [
    shared,
    css`
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--sill-space-6);
        max-width: 46rem;
        padding: var(--sill-space-10) var(--sill-space-14);
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--sill-radius);
        font-size: var(--wa-font-size-s);
      }
      h3 {
        font-size: inherit;
      }
      h3 span {
        font-weight: 400;
      }
      summary {
        display: flex;
        align-items: center;
        gap: var(--sill-space-8);
        min-height: 1.75rem;
        cursor: pointer;
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary wa-icon {
        flex: none;
        color: var(--wa-color-text-quiet);
        rotate: -90deg;
      }
      details[open] summary wa-icon {
        rotate: none;
      }
      .name {
        font-weight: 500;
        overflow-wrap: anywhere;
      }
      .text {
        max-height: 16rem;
        overflow: auto;
        margin-block: var(--sill-space-2) var(--sill-space-8);
        padding-inline-start: var(--sill-space-24);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      @media (max-width: 50rem) {
        summary {
          min-height: 44px;
        }
      }
    `,
  ];

  @property({ attribute: false }) pieces: readonly Piece[] = [];
  /** About how many tokens they took, of how many the context has. */
  @property({ attribute: false }) tokens = 0;
  @property({ attribute: false }) contextLength: number | undefined;

  override render() {
    const { pieces, tokens, contextLength } = this;
    if (pieces.length === 0)
      return html`<p class="quiet small">${msg('No passage was given to the model: none was found, or none fitted into the context.')}</p>`;
    const share =
      contextLength === undefined ? tokensWords(tokens) : msg(str`${formatNumber(tokens)} of ${formatNumber(contextLength)} tokens`);
    return html`
      <section aria-label=${msg('Given to the model')}>
        <h3>
          ${msg('Given to the model')}
          <span class="quiet figures">· ${plural(pieces.length, msg('1 piece'), msg(str`${formatNumber(pieces.length)} pieces`))} · ${msg(str`about ${share}`)}</span>
        </h3>
        <ul>
          ${pieces.map((piece) => this.#piece(piece))}
        </ul>
        <p class="quiet">${msg('This stood before your question. Whether the answer follows it is for you to check.')}</p>
      </section>
    `;
  }

  #piece(piece: Piece) {
    return html`
      <li>
        <details>
          <summary><wa-icon name="chevron-down"></wa-icon><span><span class="name">${piece.name}</span> <span class="quiet figures">· ${pieceWords(piece)}</span></span></summary>
          <p class="text" tabindex="0" role="group" aria-label=${msg(str`Text of ${piece.name}`)}>${piece.text.trim()}</p>
        </details>
      </li>
    `;
  }
}

/** Which part of its document it is. */
export function pieceWords({ index, isCut, score }: Piece): string {
  const part =
    index === undefined
      ? isCut
        ? msg('its beginning')
        : msg('the whole file')
      : isCut
        ? msg(str`beginning of passage ${formatNumber(index + 1)}`)
        : msg(str`passage ${formatNumber(index + 1)}`);
  return [part, ...(score === undefined ? [] : [msg(str`nearness ${formatScore(score)}`)])].join(' · ');
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-given-list': SillGivenList;
  }
}
