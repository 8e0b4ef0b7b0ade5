import '../device/kiosk-lock.ts';
import { msg } from '@lit/localize';
import { html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import type { RouteId } from '../routes.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';

/** In place of a view that nobody but the staff of a locked device has any use for: says so, and asks for the PIN. */
@customElement('sill-staff-view')
export class SillStaffView extends SillElement {
  static override styles = [shared, viewStyles];

  @property() route: RouteId = 'overview';

  override render() {
    return html`
      ${viewHead(this.route)}
      <div class="sections">
        <p class="card" role="status">${msg('This device is locked')}. ${msg('This is for its staff.')}</p>
        <sill-kiosk-lock></sill-kiosk-lock>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-staff-view': SillStaffView;
  }
}
