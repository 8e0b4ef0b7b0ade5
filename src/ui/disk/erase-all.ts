import '../elements/confirm-dialog.ts';
import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { css, html } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import type { SillConfirmDialog } from '../elements/confirm-dialog.ts';
import { shared } from '../styles/shared.ts';

/** A clean slate: everything that Sill keeps on this device goes. */
@customElement('sill-erase-all')
export class SillEraseAll extends SillElement {
  static override styles = [
    shared,
    css`
      .card {
        border-color: var(--wa-color-danger-border-quiet);
      }
    `,
  ];

  @query('sill-confirm-dialog') private dialog!: SillConfirmDialog;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #erasing = new Task(this, { autoRun: false, task: async (_args: readonly []) => this.#sill.value?.storage.erase() });

  override render() {
    return html`
      <section class="stack">
        <h2>${msg('Erase everything on this device')}</h2>
        <div class="card stack">
          <p class="small">
            ${msg('Deletes all models, documents, conversations, results and settings, and the copy of the app that is kept for use without a network. Other tabs with Sill end. Nothing on the server or on other devices changes.')}
          </p>
          <div class="row">
            <wa-button size="s" appearance="outlined" variant="danger" ?loading=${this.#erasing.status === TaskStatus.PENDING} @click=${() => this.dialog.show()}>
              ${msg('Erase everything')}
            </wa-button>
          </div>
          ${this.#erasing.render({ error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>` })}
        </div>
      </section>
      <sill-confirm-dialog
        heading=${msg('Erase everything on this device?')}
        action=${msg('Erase everything')}
        word=${msg('erase')}
        @sill-confirm=${() => this.#erasing.run([])}
      >
        <p>${msg('This cannot be taken back. Models must be downloaded again; what you wrote and added is gone.')}</p>
      </sill-confirm-dialog>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-erase-all': SillEraseAll;
  }
}
