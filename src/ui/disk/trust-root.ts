import '../elements/confirm-dialog.ts';
import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import type { SillConfirmDialog } from '../elements/confirm-dialog.ts';
import { shared } from '../styles/shared.ts';

/** For a device that trusts another publisher's root than the app was shipped with: explains, and lets a person decide. */
@customElement('sill-trust-root')
export class SillTrustRoot extends SillElement {
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
  readonly #accepting = new Task(this, { autoRun: false, task: async (_args: readonly []) => this.#sill.value?.trust.accept() });

  override render() {
    return html`
      <section class="card stack" aria-label=${msg('Trust')}>
        <h2>${msg('This app brings another trust root than this device knows')}</h2>
        <p>
          ${msg('The list of models is held against keys that came with the first version of the app that was opened here. This version comes with others. That happens when an operator sets the site up anew; it would also happen if somebody else had taken the site over.')}
        </p>
        <p>${msg('Installed models keep working. Nothing new is accepted until the new root is.')}</p>
        <div class="row">
          <wa-button size="s" appearance="outlined" ?loading=${this.#accepting.status === TaskStatus.PENDING} @click=${() => this.dialog.show()}>
            ${msg('Accept the new trust root')}
          </wa-button>
        </div>
        ${this.#accepting.render({ error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>`, complete: () => nothing })}
      </section>
      <sill-confirm-dialog
        heading=${msg('Accept the new trust root?')}
        action=${msg('Accept')}
        @sill-confirm=${() => this.#accepting.run([])}
      >
        <p>${msg('Do this only if the operator of this site has told you that the keys have changed. Whoever holds the new keys decides from then on which models this device takes.')}</p>
      </sill-confirm-dialog>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-trust-root': SillTrustRoot;
  }
}
