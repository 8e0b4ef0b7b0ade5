import './shortcut-list.ts';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { SillDialogElement } from '../elements/dialog-element.ts';
import { EventsController } from '../events-controller.ts';
import { shared } from '../styles/shared.ts';

/** All shortcuts over whatever view is in front. */
@customElement('sill-shortcut-sheet')
export class SillShortcutSheet extends SillDialogElement {
  static override styles = [
    shared,
    css`
      wa-dialog {
        --width: 48rem;
      }
    `,
  ];

  constructor() {
    super();
    // A link in it leads to a view behind it.
    new EventsController(this, window, ['hashchange'], this.shut);
  }

  show(): void {
    void this.reveal();
  }

  protected override dialog() {
    return html`
      <wa-dialog label=${msg('Keyboard shortcuts')} ?open=${this.open} light-dismiss @wa-after-hide=${this.afterHide}>
        ${this.open ? html`<sill-shortcut-list></sill-shortcut-list>` : nothing}
      </wa-dialog>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-shortcut-sheet': SillShortcutSheet;
  }
}
