import './shortcut-list.ts';
import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { DialogController } from '../elements/dialog-controller.ts';
import { EventsController } from '../events-controller.ts';
import { shared } from '../styles/shared.ts';

/** All shortcuts over whatever view is in front. */
@customElement('sill-shortcut-sheet')
export class SillShortcutSheet extends SillElement {
  static override styles = [
    shared,
    css`
      wa-dialog {
        --width: 48rem;
      }
    `,
  ];

  readonly #dialog = new DialogController(this);

  constructor() {
    super();
    // A link in it leads to a view behind it.
    new EventsController(this, window, ['hashchange'], this.#dialog.close);
  }

  show(): void {
    this.#dialog.open();
  }

  override render() {
    return html`
      <wa-dialog label=${msg('Keyboard shortcuts')} ?open=${this.#dialog.isOpen} light-dismiss @wa-after-hide=${this.#dialog.onHidden}>
        ${this.#dialog.isOpen ? html`<sill-shortcut-list></sill-shortcut-list>` : nothing}
      </wa-dialog>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-shortcut-sheet': SillShortcutSheet;
  }
}
