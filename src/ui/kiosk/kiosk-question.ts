import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import { SillElement } from '../element.ts';
import { KioskController } from '../kiosk-controller.ts';
import { shared } from '../styles/shared.ts';
import { titleOf } from './kiosk-screens.ts';

/** An address asks for a kiosk on a device that somebody uses: they say whether it is to be. */
@customElement('sill-kiosk-question')
export class SillKioskQuestion extends SillElement {
  static override styles = [
    shared,
    css`
      .card {
        display: grid;
        gap: var(--sill-space-16);
        max-width: 44rem;
        margin: clamp(0px, 8vh, var(--sill-space-80)) auto 0;
      }
      wa-icon.sign {
        font-size: var(--sill-icon-2xl);
        color: var(--sill-accent);
      }
    `,
  ];

  readonly #kiosk = new KioskController(this);
  readonly #answer = new Task(this, {
    autoRun: false,
    task: async ([isWanted]: readonly [boolean]) => this.#kiosk.store?.answer(isWanted),
  });

  override render() {
    const { question, report } = this.#kiosk.store ?? {};
    if (!question) return nothing;
    return html`
      <section class="card" aria-labelledby="question">
        <wa-icon class="sign" name="lock"></wa-icon>
        <h1 id="question">${msg('Make this device a kiosk?')}</h1>
        <p>${msg(str`The address that was opened asks for it: “${titleOf(question)}” on the whole screen, for one person after the other, in every tab.`)}</p>
        <p>
          ${
            report?.hasPin
              ? msg(
                  'Your models, documents and conversations stay on the device. They are out of reach until somebody gives the PIN that was set on it.',
                )
              : msg(
                  'Your models, documents and conversations stay on the device. They are out of reach until somebody presses the lock in the corner: no PIN is set.',
                )
          }
        </p>
        <p class="quiet">${msg('If you are not setting up a kiosk, somebody sent you this address: choose “Not now”.')}</p>
        ${this.#answer.render({ error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>` })}
        <div class="row">
          <wa-button variant="brand" @click=${() => this.#answer.run([false])}>${msg('Not now')}</wa-button>
          <wa-button appearance="outlined" ?loading=${this.#answer.status === TaskStatus.PENDING} @click=${() => this.#answer.run([true])}>${msg('Lock this device')}</wa-button>
        </div>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-kiosk-question': SillKioskQuestion;
  }
}
