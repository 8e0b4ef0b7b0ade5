import './confirm-dialog.ts';
import './error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { Task, TaskStatus } from '@lit/task';
import { html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';
import type { SillConfirmDialog } from './confirm-dialog.ts';

/**
 * A button for something that cannot be taken back: it asks, does it once the person agrees, and says why where it could not.
 *
 * @slot - what will happen, in the dialog
 */
@customElement('sill-ask-then-do')
export class SillAskThenDo extends SillElement {
  static override styles = [shared];

  /** Of the button that asks. */
  @property() label = '';
  @property() variant: 'neutral' | 'danger' = 'neutral';
  @property() heading = '';
  /** Of the button that agrees. */
  @property() action = '';
  /** See `sill-confirm-dialog`. */
  @property() word = '';
  @property({ attribute: false }) work!: () => Promise<unknown>;

  @query('sill-confirm-dialog') private dialog!: SillConfirmDialog;
  readonly #doing = new Task(this, { autoRun: false, task: async (_args: readonly []) => this.work() });

  override render() {
    return html`
      <div class="stack">
        <div class="row">
          <wa-button
            size="s"
            appearance="outlined"
            variant=${this.variant}
            ?loading=${this.#doing.status === TaskStatus.PENDING}
            @click=${() => this.dialog.show()}
          >
            ${this.label}
          </wa-button>
        </div>
        ${this.#doing.render({ error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>` })}
      </div>
      <sill-confirm-dialog heading=${this.heading} action=${this.action} word=${this.word} @sill-confirm=${() => this.#doing.run([])}>
        <slot></slot>
      </sill-confirm-dialog>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-ask-then-do': SillAskThenDo;
  }
}
