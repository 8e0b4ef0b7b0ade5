import '../elements/more-menu.ts';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import type { MenuItem } from '../elements/more-menu.ts';
import { shared } from '../styles/shared.ts';
import { tools } from '../styles/tools.ts';
import type { ChatStore } from './chat-store.ts';

/**
 * What is done to all conversations: often in sight, the rest in words behind one button.
 *
 * @fires sill-list the list is wanted, where there is no room for it beside the conversation
 * @fires sill-new
 * @fires sill-passphrase
 * @fires sill-import with the file as detail
 * @fires sill-export
 * @fires sill-several some conversations are to be chosen
 */
@customElement('sill-chat-tools')
export class SillChatTools extends SillElement {
  static override styles = [
    shared,
    tools,
    css`
      .row {
        gap: var(--sill-space-4);
      }
      @media (max-width: 30rem) {
        .new span {
          display: none;
        }
      }
    `,
  ];

  @property({ attribute: false }) store!: ChatStore;
  /** Changes with everything that the store knows. */
  @property({ attribute: false }) at = 0;
  /** The list stands beside the conversation. */
  @property({ type: Boolean }) wide = false;
  /** Nothing of it stays: there is nothing to carry in or out, and nothing to lock. */
  @property({ type: Boolean }) passing = false;
  @query('input') private file!: HTMLInputElement;

  override render() {
    return html`
      <div class="row">
        ${this.wide ? nothing : this.#tool('list', msg('Conversations'), () => this.emit('sill-list'))}
        ${this.#tool('plus', msg('New conversation'), () => this.emit('sill-new'), 'new')}
        ${this.#isSet ? this.#tool('lock', msg('Lock now'), () => this.store.locking.lock()) : nothing}
        <sill-more-menu label=${msg('More for all conversations')} .items=${this.#more}></sill-more-menu>
        <input type="file" hidden tabindex="-1" aria-label=${msg('Import conversations')} accept=".json,application/json" @change=${this.#onFile} />
      </div>
    `;
  }

  get #isSet(): boolean {
    return this.store.keeper.vault !== undefined;
  }

  get #more(): readonly MenuItem[] {
    const isEmpty = this.store.shelf.list.length === 0;
    const several = {
      icon: 'list-checks',
      label: msg('Choose several to delete'),
      act: () => this.emit('sill-several'),
      isDisabled: isEmpty,
    };
    if (this.passing) return [several];
    return [
      { icon: 'upload', label: msg('Import conversations'), act: () => this.file.click() },
      { icon: 'download', label: msg('Export all conversations'), act: () => this.emit('sill-export'), isDisabled: isEmpty },
      several,
      { icon: 'lock', label: this.#isSet ? msg('Passphrase') : msg('Lock with a passphrase'), act: () => this.emit('sill-passphrase') },
    ];
  }

  #tool(icon: string, label: string, act: () => void, name = '') {
    return html`
      <button class="tool ${name}" title=${label} aria-label=${label} @click=${act}><wa-icon name=${icon}></wa-icon><span>${label}</span></button>
    `;
  }

  #onFile(): void {
    const [file] = this.file.files ?? [];
    this.file.value = '';
    if (file) this.emit('sill-import', file);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-tools': SillChatTools;
  }
}
