import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';
import { chatViewStyles } from './chat.styles.ts';
import type { ChatStore } from './chat-store.ts';

/**
 * Says that a locked device keeps nothing of what is said, and deletes it before whoever said it goes.
 *
 * @fires sill-passed when the models have forgotten it too
 */
@customElement('sill-chat-passing')
export class SillChatPassing extends SillElement {
  static override styles = [shared, chatViewStyles];

  @property({ attribute: false }) store!: ChatStore;
  /** Changes with everything that the store knows. */
  @property({ attribute: false }) at = 0;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #deletion = new Task(this, {
    autoRun: false,
    task: async () => {
      // Nobody waits for the end of an answer that goes with everything else.
      this.store.streaming.stop();
      await this.#sill.value?.kiosk.endSession({});
      this.emit('sill-passed');
    },
  });

  override render() {
    return html`
      <div class="bar">
        <span>${msg('This device is locked. What is said here is not stored: it is gone with this page, or when you delete it.')}</span>
        ${
          this.store.shelf.list.length > 0
            ? html`<wa-button size="s" appearance="outlined" ?loading=${this.#deletion.status === TaskStatus.PENDING} @click=${() => this.#deletion.run([])}>${msg('Delete all that was said')}</wa-button>`
            : nothing
        }
      </div>
      ${this.#deletion.render({ error: (error) => html`<sill-error class="failure" .error=${toSillError(error)}></sill-error>` })}
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-passing': SillChatPassing;
  }
}
