import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { chatViewStyles, tools } from './chat.styles.ts';
import { saveJson, saveMarkdown } from './chat-files.ts';
import type { ChatStore } from './chat-store.ts';

/**
 * What the conversation in sight is called, and what can be done with all of it.
 *
 * @fires sill-remove
 */
@customElement('sill-chat-title')
export class SillChatTitle extends SillElement {
  static override styles = [
    shared,
    fields,
    tools,
    chatViewStyles,
    css`
      .row {
        flex-wrap: nowrap;
        gap: 0;
      }
    `,
  ];

  @property({ attribute: false }) store!: ChatStore;
  /** Changes with everything that the store knows. */
  @property({ attribute: false }) at = 0;
  /** It is not stored: neither is it saved, on a device that is everybody's. */
  @property({ type: Boolean }) passing = false;
  @state() private renaming: string | undefined;
  @query('input') private field!: HTMLInputElement | null;
  @query('.rename') private button!: HTMLElement | null;

  override render() {
    const { head } = this.store.sight;
    if (!head) return nothing;
    const title = head.title || msg('Without a title');
    return html`
      <div class="title">
        ${this.renaming === head.id ? this.#form(head.title) : html`<h2>${title}</h2>`}
        <div class="row">
          ${this.#tool('write', msg('Rename'), this.#rename, 'rename')}
          ${
            this.passing
              ? nothing
              : html`${this.#tool('file', msg('Save as Markdown'), () => saveMarkdown(this.store))}
                ${this.#tool('download', msg('Export as JSON'), () => void saveJson(this.store, [head.id]))}`
          }
          ${this.#tool('trash', msg(str`Delete ${title}`), () => this.emit('sill-remove'))}
        </div>
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

  #tool(icon: string, label: string, act: () => void, name = '') {
    return html`<button class="tool ${name}" title=${label} aria-label=${label} @click=${act}><wa-icon name=${icon}></wa-icon></button>`;
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
    if (isByKey) this.button?.focus();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-title': SillChatTitle;
  }
}
