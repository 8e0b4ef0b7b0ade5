import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { EventsController } from '../events-controller.ts';
import { KioskController } from '../kiosk-controller.ts';
import { shared } from '../styles/shared.ts';
import { systemTelling } from './telling.ts';

/** Stands beside long work while it runs: the moment at which somebody may want to be told of its end. Once that is decided, it is in Settings. */
@customElement('sill-tell-me')
export class SillTellMe extends SillElement {
  static override styles = [
    shared,
    css`
      p {
        display: flex;
        align-items: center;
        gap: var(--sill-space-6);
      }
      wa-icon {
        flex: none;
      }
      @media (pointer: coarse) {
        .link {
          min-height: 2.75rem;
        }
      }
    `,
  ];

  /** Whether it was off when it came: then it says what was chosen, where a person has just chosen it. */
  readonly #wasOff = systemTelling.state === 'off';
  readonly #kiosk = new KioskController(this);

  constructor() {
    super();
    new EventsController(this, systemTelling);
  }

  override render() {
    if (!this.#wasOff || this.#kiosk.locked) return nothing;
    const { state: telling } = systemTelling;
    return html`
      <p class="small quiet" role="status">
        <wa-icon name="bell"></wa-icon>
        ${
          telling === 'off'
            ? html`<button class="link" @click=${() => void systemTelling.choose(true)}>${msg('Notify me when it has ended')}</button>`
            : telling === 'on'
              ? msg('A notification comes when it has ended, if you are elsewhere then.')
              : msg('The browser does not let this site notify you. What has ended is told in the page.')
        }
      </p>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-tell-me': SillTellMe;
  }
}
