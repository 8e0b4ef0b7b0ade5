import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { ROUTE_TABLE } from '../route-table.ts';
import { MANAGE_ROUTES, type RouteId, routeHref } from '../routes.ts';
import { shared } from '../styles/shared.ts';

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
        display: flex;
        gap: 0.25rem;
        overflow-x: auto;
        /* Room for the focus ring, which would be cut off otherwise. */
        padding: 0.25rem;
        margin: -0.25rem;
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

  protected override updated(): void {
    this.renderRoot.querySelector("[aria-current='page']")?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  override render() {
    return html`
      <nav aria-label=${msg('Manage models')}>
        <ul>${MANAGE_ROUTES.map((route) => this.#link(route))}</ul>
      </nav>
    `;
  }

  #link(route: RouteId) {
    const { label, icon } = ROUTE_TABLE[route];
    return html`
      <li>
        <a href=${routeHref(route)} aria-current=${route === this.route ? 'page' : 'false'}>
          <wa-icon name=${icon}></wa-icon><span>${label()}</span>
        </a>
      </li>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-manage-nav': SillManageNav;
  }
}
