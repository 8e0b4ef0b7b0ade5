import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { KioskController } from '../kiosk-controller.ts';
import { ROUTE_TABLE } from '../route-table.ts';
import { MANAGE_ROUTES, type RouteId, routeHref } from '../routes.ts';
import { shared } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';

/** The views about what is on the device, side by side; where they do not fit, they scroll within their own row. */
@customElement('sill-manage-nav')
export class SillManageNav extends SillElement {
  static override styles = [
    shared,
    css`
      :host {
        max-width: 72rem;
        margin-bottom: 1.5rem;
      }
      ul {
        position: relative;
        display: flex;
        gap: 0.25rem;
        overflow-x: auto;
        /* Room for the focus ring, which would be cut off otherwise. */
        padding: 0.25rem 0.25rem 0;
        margin: -0.25rem -0.25rem 0;
        border-bottom: 1px solid var(--wa-color-surface-border);
        scrollbar-width: none;
      }
      a {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        min-height: 2.5rem;
        padding: 0.375rem 0.75rem;
        border-radius: var(--wa-border-radius-m);
        color: var(--wa-color-text-quiet);
        font-size: var(--wa-font-size-s);
        font-weight: 500;
        text-decoration: none;
        white-space: nowrap;
      }
      a:hover {
        background: var(--wa-color-neutral-fill-quiet);
        color: var(--wa-color-text-normal);
      }
      a[aria-current='page'] {
        color: var(--wa-color-text-normal);
        box-shadow: inset 0 -2px var(--sill-accent);
        border-end-start-radius: 0;
        border-end-end-radius: 0;
      }
      .count {
        min-width: 1.25rem;
        padding-inline: 0.375rem;
        border-radius: var(--wa-border-radius-pill);
        background: var(--wa-color-brand-fill-loud);
        color: var(--wa-color-brand-on-loud);
        font-size: 0.75rem;
        line-height: 1.25rem;
        text-align: center;
      }
      wa-icon {
        font-size: 1.0625rem;
      }
      a[aria-current='page'] wa-icon {
        color: var(--sill-accent);
      }
      @media (forced-colors: active) {
        a[aria-current='page'] {
          outline: 2px solid;
        }
      }
    `,
  ];

  @property({ attribute: false }) route!: RouteId;
  readonly #updates = new UpdatesController(this);
  readonly #kiosk = new KioskController(this);

  @query('ul') private row!: HTMLElement;
  @query("[aria-current='page']") private current!: HTMLElement | null;
  readonly #resized = new ResizeObserver(() => this.#reveal());

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('route')) return;
    this.#resized.observe(this.row);
    this.#reveal();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
  }

  /** Within the row alone: `scrollIntoView` would move the page, too. */
  #reveal(): void {
    const { row, current } = this;
    if (current) row.scrollLeft = current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
  }

  override render() {
    return html`
      <nav aria-label=${msg('Manage models')}>
        <ul>${MANAGE_ROUTES.filter((route) => !(this.#kiosk.locked && (route === 'import' || route === 'benchmarks'))).map((route) => this.#link(route))}</ul>
      </nav>
    `;
  }

  #link(route: RouteId) {
    const { label, icon } = ROUTE_TABLE[route];
    return html`
      <li>
        <a href=${routeHref(route)} aria-current=${route === this.route ? 'page' : 'false'}>
          <wa-icon name=${icon}></wa-icon><span>${label()}</span>${route === 'updates' ? this.#news() : nothing}
        </a>
      </li>
    `;
  }

  #news() {
    const count = this.#updates.store?.newsCount ?? 0;
    if (count === 0) return nothing;
    return html`<span class="count" aria-hidden="true">${count}</span><span class="visually-hidden">${msg(str`(${count} to look at)`)}</span>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-manage-nav': SillManageNav;
  }
}
