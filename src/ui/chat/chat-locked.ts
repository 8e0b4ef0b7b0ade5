import '../elements/ask-then-do.ts';
import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import { SillElement } from '../element.ts';
import { accountName, submitByEnter } from '../elements/account-name.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import type { ChatStore } from './chat-store.ts';

/** Stands where conversations would be while they are locked: asks for the passphrase. */
@customElement('sill-chat-locked')
export class SillChatLocked extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      :host {
        max-width: 30rem;
        margin: clamp(var(--sill-space-16), 6vh, var(--sill-space-64)) auto 0;
      }
      form {
        display: grid;
        gap: var(--sill-space-16);
      }
      details {
        font-size: var(--wa-font-size-s);
      }
      summary {
        cursor: pointer;
      }
      details .stack {
        margin-top: var(--sill-space-12);
      }
    `,
  ];

  @property({ attribute: false }) store!: ChatStore;
  @query('[type=password]') private field!: HTMLInputElement;
  readonly #unlocking = new Task(this, {
    autoRun: false,
    task: async ([passphrase]: readonly [string]) => {
      const isRight = await this.store.locking.unlock(passphrase);
      if (!isRight) this.field.select();
      return isRight;
    },
  });

  protected override firstUpdated(): void {
    // Only where nobody is busy with something else, such as the navigation by which they came.
    if (document.activeElement === document.body) this.field.focus();
  }

  override render() {
    const isBusy = this.#unlocking.status === TaskStatus.PENDING;
    const isWrong = this.#unlocking.status === TaskStatus.COMPLETE && this.#unlocking.value === false;
    return html`
      <form class="card" @submit=${this.#onSubmit} @keydown=${submitByEnter}>
        ${accountName()}
        <h2>${msg('Conversations are locked')}</h2>
        <p class="quiet">${msg('They are encrypted on this device with a passphrase that was set here.')}</p>
        <div class="field">
          <label for="passphrase">${msg('Passphrase')}</label>
          <input
            id="passphrase"
            type="password"
            autocomplete="current-password"
            required
            aria-invalid=${isWrong}
            aria-describedby=${isWrong ? 'wrong' : nothing}
          />
          ${isWrong ? html`<p id="wrong" class="wrong" role="alert">${msg('This is not the passphrase. Nothing was changed: try again.')}</p>` : nothing}
        </div>
        <div><wa-button variant="brand" type="submit" ?loading=${isBusy}>${msg('Unlock')}</wa-button></div>
        ${this.#unlocking.render({ error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>` })}
        <details>
          <summary>${msg('Forgotten?')}</summary>
          <div class="stack">
            <p>
              ${msg('Nobody can open them without it: it is kept nowhere, and no copy of the key exists. What is left is to delete the conversations and begin again. Models and all else stay.')}
            </p>
            <sill-ask-then-do
              label=${msg('Delete all conversations')}
              variant="danger"
              heading=${msg('Delete all conversations?')}
              action=${msg('Delete all conversations')}
              .work=${() => this.store.locking.clear()}
            >
              <p>${msg('All conversations on this device are deleted, and the passphrase with them. This cannot be taken back.')}</p>
            </sill-ask-then-do>
          </div>
        </details>
      </form>
    `;
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    void this.#unlocking.run([this.field.value]);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-locked': SillChatLocked;
  }
}
