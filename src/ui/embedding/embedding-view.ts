import './embed-lines.ts';
import './guest-card.ts';
import '../elements/error-note.ts';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { GuestsReport } from '../../protocol/guests.ts';
import { SillElement } from '../element.ts';
import { OwnStore } from '../own-store.ts';
import { SectionLink } from '../section-link.ts';
import { sectionTitle } from '../section-words.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';
import { GuestsStore } from './guests-store.ts';

/** Pages of other origins: who may show Sill and ask its models, how much of that they used, and what a page needs for it. */
@customElement('sill-embedding-view')
export class SillEmbeddingView extends SillElement {
  static override styles = [
    shared,
    viewStyles,
    css`
      section,
      ul {
        display: grid;
        gap: var(--sill-space-16);
      }
      .words {
        max-width: 42rem;
      }
    `,
  ];

  readonly #own = new OwnStore(this, (sill) => new GuestsStore(sill));

  constructor() {
    super();
    new SectionLink(this, 'embedding');
  }

  override render() {
    return html`
      ${viewHead('embedding')}
      <div class="sections">
        ${this.#guests()}
        <section aria-labelledby="developers">
          <h2 id="developers">${sectionTitle('embedding', 'developers')}</h2>
          <sill-embed-lines></sill-embed-lines>
        </section>
      </div>
    `;
  }

  #guests() {
    const { store } = this.#own;
    const { report, error } = store ?? {};
    return html`
      <section aria-labelledby="guests">
        <h2 id="guests">${sectionTitle('embedding', 'guests')}</h2>
        ${error ? html`<sill-error .error=${error}></sill-error>` : nothing}
        ${store && report ? this.#list(store, report) : error ? nothing : html`<p class="quiet" role="status">${msg('Asking who may…')}</p>`}
      </section>
    `;
  }

  #list(store: GuestsStore, { guests, unknownGuests }: GuestsReport) {
    return html`
      ${
        guests.length === 0
          ? html`<p class="card quiet">${msg('Nobody yet. The operator of this site names pages in sill.policy.json.')}</p>`
          : html`<ul>
              ${repeat(
                guests,
                ({ origin }) => origin,
                (guest) => html`<li><sill-guest-card .guest=${guest} .store=${store}></sill-guest-card></li>`,
              )}
            </ul>`
      }
      <p class="small quiet words">
        ${
          unknownGuests === 'ask'
            ? msg('About any other page you are asked, in the page itself, when it comes for the first time.')
            : msg('Any other page is refused.')
        }
        ${msg('None of them sees your conversations, documents or settings. A page of another site has a store of its own in most browsers: what it used there is not counted here, and what you change here does not reach it.')}
      </p>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-embedding-view': SillEmbeddingView;
  }
}
