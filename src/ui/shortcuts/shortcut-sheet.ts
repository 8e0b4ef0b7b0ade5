import './shortcut-list.ts';
import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
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

  @state() private open = false;

  constructor() {
    super();
    // A link in it leads to a view behind it.
    new EventsController(this, window, ['hashchange'], () => {
      this.open = false;
    });
  }

  show(): void {
    this.open = true;
  }

  override render() {
    return html`
      <wa-dialog label=${msg('Keyboard shortcuts')} ?open=${this.open} light-dismiss @wa-after-hide=${this.#hidden}>
        ${this.open ? html`<sill-shortcut-list></sill-shortcut-list>` : nothing}
      </wa-dialog>
    `;
  }

  #hidden(event: Event): void {
    if (event.target === event.currentTarget) this.open = false;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-shortcut-sheet': SillShortcutSheet;
  }
}
