import '../models/first-run.ts';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { Newcomer } from '../newcomer.ts';
import { ROUTE_WORDS } from '../route-words.ts';
import type { RouteId } from '../routes.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';

/** Views that begin with what this is, for who has no model. */
const TELLING: readonly RouteId[] = ['overview', 'models', 'chat', 'write', 'search', 'transcribe'];

/** How a view begins for who was never here: comes with the frame, and is read while the view itself is fetched. */
@customElement('sill-welcome')
export class SillWelcome extends SillElement {
  static override styles = [
    shared,
    viewStyles,
    css`
      .bare {
        display: flex;
        align-items: center;
        min-height: 2.125rem;
        margin-bottom: var(--sill-space-16);
      }
      @media (max-width: 50rem) {
        .bare {
          min-height: 44px;
        }
      }
    `,
  ];

  @property() route: RouteId = 'overview';
  readonly #newcomer = new Newcomer(this);

  override render() {
    const { label, lead } = ROUTE_WORDS[this.route];
    return html`
      ${lead ? viewHead(this.route) : html`<div class="bare"><h1>${label()}</h1></div>`}
      <div class="sections">
        ${TELLING.includes(this.route) && this.#newcomer.isHere ? html`<sill-first-run></sill-first-run>` : nothing}
        <div class="ghost" aria-hidden="true"></div>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-welcome': SillWelcome;
  }
}
