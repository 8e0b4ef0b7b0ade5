import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type SillError, toSillError } from '../../core/errors.ts';
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
  @state() private working = false;
  @state() private error: SillError | undefined;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });

  override render() {
    return html`
      <div class="bar">
        <span>${msg('This device is locked. What is said here is not stored: it is gone with this page, or when you delete it.')}</span>
        ${
          this.store.shelf.list.length > 0
            ? html`<wa-button size="s" appearance="outlined" ?loading=${this.working} @click=${this.#onDelete}>${msg('Delete all that was said')}</wa-button>`
            : nothing
        }
      </div>
      ${this.error ? html`<sill-error class="failure" .error=${this.error}></sill-error>` : nothing}
    `;
  }

  async #onDelete(): Promise<void> {
    if (this.working) return;
    this.working = true;
    this.error = undefined;
    // Nobody waits for the end of an answer that goes with everything else.
    this.store.streaming.stop();
    try {
      await this.#sill.value?.kiosk.endSession({});
      this.emit('sill-passed');
    } catch (reason) {
      this.error = toSillError(reason);
    } finally {
      this.working = false;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-passing': SillChatPassing;
  }
}
