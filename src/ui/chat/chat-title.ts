import '../elements/more-menu.ts';
import { msg } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Head } from '../../core/chat/conversation.ts';
import { SillElement } from '../element.ts';
import type { MenuItem, SillMoreMenu } from '../elements/more-menu.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { chatViewStyles } from './chat.styles.ts';
import { saveJson, saveMarkdown } from './chat-files.ts';
import type { ChatStore } from './chat-store.ts';

/**
 * What the conversation in sight is called, and what can be done with all of it.
 *
 * @fires sill-remove
 */
@customElement('sill-chat-title')
export class SillChatTitle extends SillElement {
  static override styles = [shared, fields, chatViewStyles];

  @property({ attribute: false }) store!: ChatStore;
  /** Changes with everything that the store knows. */
  @property({ attribute: false }) at = 0;
  /** It is not stored: neither is it saved, on a device that is everybody's. */
  @property({ type: Boolean }) passing = false;
  @state() private renaming: string | undefined;
  @query('input') private field!: HTMLInputElement | null;
  @query('sill-more-menu') private menu!: SillMoreMenu | null;

  override render() {
    const { head } = this.store.sight;
    if (!head) return nothing;
    const title = head.title || msg('Without a title');
    return html`
      <div class="title">
        ${this.renaming === head.id ? this.#form(head.title) : html`<h2>${title}</h2>`}
        <sill-more-menu label=${msg('More for this conversation')} .items=${this.#more(head)}></sill-more-menu>
      </div>
    `;
  }

  #form(title: string) {
    return html`
      <form @submit=${this.#onSubmit} @keydown=${this.#onKeydown}>
        <input type="text" maxlength="200" aria-label=${msg('Title')} .value=${title} @blur=${this.#onSubmit} />
      </form>
    `;
  }

  #more({ id, pinned = false }: Head): readonly MenuItem[] {
    return [
      {
        icon: 'pin',
        label: pinned ? msg('Do not pin any more') : msg('Pin above all others'),
        act: () => void this.store.set({ pinned: !pinned }),
      },
      { icon: 'write', label: msg('Rename'), act: () => void this.#rename() },
      ...(this.passing
        ? []
        : [
            { icon: 'file', label: msg('Save as Markdown'), act: () => saveMarkdown(this.store) },
            { icon: 'download', label: msg('Export as JSON'), act: () => void saveJson(this.store, [id]) },
          ]),
      { icon: 'trash', label: msg('Delete this conversation'), act: () => this.emit('sill-remove'), isDanger: true },
    ];
  }

  readonly #rename = async (): Promise<void> => {
    this.renaming = this.store.sight.head?.id;
    await this.updateComplete;
    this.field?.select();
  };

  async #onSubmit(event: Event): Promise<void> {
    event.preventDefault();
    const title = this.field?.value.trim();
    if (this.renaming === undefined) return;
    await this.#leave(event.type === 'submit');
    if (title && title !== this.store.sight.head?.title) await this.store.set({ title });
  }

  #onKeydown(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    void this.#leave(true);
  }

  async #leave(isByKey: boolean): Promise<void> {
    this.renaming = undefined;
    await this.updateComplete;
    if (isByKey) this.menu?.focus();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-title': SillChatTitle;
  }
}
