import '../chat/code-block.ts';
import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import { LONG_PIN_CHARS, MIN_PIN_CHARS } from '../../core/kiosk/pin.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { accountName, submitByEnter } from '../elements/account-name.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';

/** Makes of a PIN what the operator's file has of it, for whoever runs the site and has nothing but a browser. */
@customElement('sill-policy-pin')
export class SillPolicyPin extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      summary {
        cursor: pointer;
        width: fit-content;
        /* Large enough for a finger. */
        padding-block: var(--sill-space-10);
        font-size: var(--wa-font-size-s);
      }
      .stack {
        margin-top: var(--sill-space-4);
      }
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: var(--sill-space-12);
      }
      .field {
        flex: 0 1 16rem;
      }
    `,
  ];

  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #making = new Task(this, {
    autoRun: false,
    task: async ([pin]: readonly [string]) => {
      const hash = await this.#sill.value?.kiosk.pinHash(pin);
      return hash === undefined ? undefined : { line: `"pin": "${hash}"`, isShort: pin.length < LONG_PIN_CHARS };
    },
  });

  override render() {
    return html`
      <details>
        <summary>${msg('A PIN for sill.policy.json')}</summary>
        <div class="stack">
          <p class="small quiet">
            ${msg(str`For many devices the operator's file has the PIN. It is served to everybody, so it holds what was computed from it and not the PIN itself: take ${LONG_PIN_CHARS} characters or more, letters among them. Nothing on this device changes.`)}
          </p>
          <form @submit=${this.#onSubmit} @keydown=${submitByEnter}>
            ${accountName()}
            <label class="field">
              ${msg('PIN of the staff')}
              <input type="password" name="policy-pin" autocomplete="new-password" minlength=${MIN_PIN_CHARS} maxlength="64" required />
            </label>
            <wa-button size="s" appearance="outlined" @click=${this.#submit}>${msg('Make the line')}</wa-button>
          </form>
          ${this.#making.render({
            pending: () => html`<p class="small" role="status">${msg('Computing…')}</p>`,
            complete: (made) => (made ? this.#made(made.line, made.isShort) : nothing),
            error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>`,
          })}
        </div>
      </details>
    `;
  }

  #made(line: string, isShort: boolean) {
    return html`
      <div role="status">
        <p class="small">${msg('Put this under “kiosk”:')}</p>
        ${isShort ? html`<p class="small">${msg('It is short: whoever downloads the file and computes at home finds it within hours.')}</p>` : nothing}
      </div>
      <sill-code-block .code=${line} language="json"></sill-code-block>
    `;
  }

  #submit(): void {
    this.renderRoot.querySelector('form')?.requestSubmit();
  }

  #onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const pin = String(new FormData(form).get('policy-pin') ?? '');
    form.reset();
    void this.#making.run([pin]);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-policy-pin': SillPolicyPin;
  }
}
