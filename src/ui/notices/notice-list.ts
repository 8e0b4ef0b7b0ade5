import '@awesome.me/webawesome/dist/components/button/button.js';
import { consume } from '@lit/context';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { noticesContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { errorWords } from '../errors.ts';
import { EventsController } from '../events-controller.ts';
import { capStyles, caps } from '../shortcuts/key-caps.ts';
import { keyCaps, keysOf } from '../shortcuts/shortcuts.ts';
import { StoreController } from '../store-controller.ts';
import { shared } from '../styles/shared.ts';
import type { Notice, NoticesStore } from './notices-store.ts';

/**
 * What the page tells beside its views, over it at the top, where no field to write in is: read out by a screen reader as it comes, reached by Tab after the view, never in the way of it.
 *
 * @fires sill-skip when the focus was on one that has gone
 */
@customElement('sill-notices')
export class SillNotices extends SillElement {
  static override styles = [
    shared,
    capStyles,
    css`
      :host {
        position: fixed;
        z-index: 6;
        inset: 0.75rem 0 auto var(--sill-rail-width);
        width: min(24rem, calc(100vw - var(--sill-rail-width) - 2rem));
        margin-inline: auto;
        pointer-events: none;
      }
      ul {
        display: grid;
        gap: var(--sill-space-8);
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--sill-space-4) var(--sill-space-12);
        padding: var(--sill-space-8) var(--sill-space-6) var(--sill-space-8) var(--sill-space-14);
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--sill-radius);
        background: var(--wa-color-surface-raised);
        color: var(--wa-color-text-normal);
        box-shadow: var(--sill-shadow);
        pointer-events: auto;
        animation: come 160ms ease-out;
      }
      .sign {
        font-size: var(--sill-icon-m);
        color: var(--sill-accent);
      }
      .bad .sign {
        color: var(--wa-color-danger-on-quiet);
      }
      p {
        overflow-wrap: anywhere;
        font-size: var(--wa-font-size-s);
      }
      .act {
        display: flex;
        align-items: center;
      }
      .caps {
        margin-inline-start: var(--sill-space-8);
      }
      .close {
        display: inline-grid;
        place-items: center;
        width: 2.25rem;
        height: 2.25rem;
        border: 0;
        border-radius: var(--wa-border-radius-m);
        background: none;
        color: var(--wa-color-text-quiet);
        font-size: var(--sill-icon-s);
        cursor: pointer;
      }
      .close:hover {
        background: var(--wa-color-neutral-fill-quiet);
      }
      @keyframes come {
        from {
          opacity: 0;
          translate: 0 -0.5rem;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        li {
          animation: none;
        }
      }
      @media (pointer: coarse) {
        .close {
          width: 2.75rem;
          height: 2.75rem;
        }
        .caps {
          display: none;
        }
      }
      @media (max-width: 50rem) {
        :host {
          inset: 4.25rem 0.5rem auto;
          width: auto;
        }
        .caps {
          display: none;
        }
      }
    `,
  ];

  @consume({ context: noticesContext }) private store?: NoticesStore;
  readonly #changes = new StoreController(this, noticesContext);
  /** Once the focus has arrived where it goes, and what was dismissed is gone. */
  readonly #onSight = (): void => {
    setTimeout(() => this.store?.hold(document.hidden || this.matches(':hover') || this.matches(':focus-within')));
  };

  constructor() {
    super();
    new EventsController(this, document, ['visibilitychange'], this.#onSight);
  }

  override render() {
    const list = this.#changes.store?.list ?? [];
    const last = this.store?.lastOffer;
    // The region that is read out must be there before what it tells.
    return html`
      <div
        role="region"
        aria-label=${msg('Notices')}
        aria-live="polite"
        @pointerenter=${this.#onSight}
        @pointerleave=${this.#onSight}
        @focusin=${this.#onSight}
        @focusout=${this.#onSight}
      >
        ${
          list.length === 0
            ? nothing
            : html`<ul>
                ${repeat(
                  list,
                  ({ id }) => id,
                  (notice) => this.#notice(notice, notice === last),
                )}
              </ul>`
        }
      </div>
    `;
  }

  #notice(notice: Notice, isLastOffer: boolean) {
    const isBad = notice.kind === 'kept' || (notice.kind === 'told' && notice.tone === 'failed');
    const icon = notice.kind === 'offer' ? 'undo' : isBad ? 'warning' : 'ok';
    return html`
      <li class=${isBad ? 'bad' : ''}>
        <wa-icon class="sign" name=${icon}></wa-icon>
        <p>${this.#words(notice)}</p>
        <div class="act">
          ${
            notice.kind === 'offer'
              ? html`<wa-button size="s" appearance="outlined" @click=${() => this.#undo(notice)}>
                  ${msg('Undo')}${isLastOffer ? html`<span aria-hidden="true">${caps(keyCaps(keysOf('undo')))}</span>` : nothing}
                </wa-button>`
              : nothing
          }
          <button class="close" aria-label=${msg('Dismiss')} @click=${() => this.#dismiss(notice)}><wa-icon name="xmark"></wa-icon></button>
        </div>
      </li>
    `;
  }

  #words(notice: Notice) {
    if (notice.kind === 'kept') {
      const { title, advice } = errorWords(notice.error.toData());
      return html`${title}. ${advice}`;
    }
    return notice.kind === 'told'
      ? html`<a href=${notice.href} @click=${() => this.#dismiss(notice)}>${notice.words()}</a>`
      : notice.words();
  }

  #undo(notice: Notice & { readonly kind: 'offer' }): void {
    this.store?.undo(notice);
    this.#onSight();
    this.emit('sill-skip');
  }

  #dismiss({ id }: Notice): void {
    this.store?.dismiss(id);
    this.#onSight();
    this.emit('sill-skip');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-notices': SillNotices;
  }
}
