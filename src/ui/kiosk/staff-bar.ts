import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type SillError, toSillError } from '../../core/errors.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { SillElement } from '../element.ts';
import '../elements/error-note.ts';
import { KioskController } from '../kiosk-controller.ts';
import { bar } from '../styles/bar.ts';
import { shared } from '../styles/shared.ts';

/** Says that the staff has opened the device, and leads back. */
@customElement('sill-staff-bar')
export class SillStaffBar extends SillElement {
  static override styles = [
    shared,
    bar,
    css`
      .bar {
        background: var(--wa-color-warning-fill-quiet);
      }
    `,
  ];

  @state() private error: SillError | undefined;
  readonly #kiosk = new KioskController(this);

  override render() {
    const report = this.#kiosk.store?.report;
    if (report?.staffLeftMs === undefined) return nothing;
    return html`
      <section class="bar" aria-label=${msg('For staff')}>
        <p role="status">${msg('Unlocked for staff. After ten minutes without a change it is locked again.')}</p>
        <div class="row">
          ${report.seal?.own === undefined ? nothing : html`<wa-button size="s" appearance="plain" @click=${this.#leave}>${msg('End the kiosk')}</wa-button>`}
          <wa-button size="s" variant="brand" @click=${this.#relock}>${msg('Lock again')}</wa-button>
        </div>
      </section>
      ${this.error ? html`<sill-error .error=${this.error}></sill-error>` : nothing}
    `;
  }

  #leave(): void {
    void this.#try(this.#kiosk.store?.leave());
  }

  #relock(): void {
    void this.#try(this.#kiosk.store?.relock());
  }

  async #try(work: Promise<void> | undefined): Promise<void> {
    this.error = undefined;
    try {
      await work;
    } catch (reason) {
      this.error = toSillError(reason);
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-staff-bar': SillStaffBar;
  }
}
