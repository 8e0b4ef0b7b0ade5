import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/dropdown/dropdown.js';
import '@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js';
import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { menu } from '../styles/menu.ts';
import { shared } from '../styles/shared.ts';
import { ATTACHABLE } from './attaching.ts';

/**
 * What the next message is to be about: a file, or the documents of this device.
 *
 * @fires sill-files with an array of File as detail
 * @fires sill-documents with true or false as detail
 */
@customElement('sill-chat-attach')
export class SillChatAttach extends SillElement {
  static override styles = [
    shared,
    menu,
    css`
      @media (max-width: 50rem) {
        wa-button::part(base) {
          min-height: 44px;
        }
      }
    `,
  ];

  /** The documents of this device are looked through already. */
  @property({ type: Boolean }) documents = false;
  @query('input') private input!: HTMLInputElement;

  override render() {
    return html`
      <wa-dropdown placement="top-start" @wa-select=${this.#onSelect}>
        <wa-button slot="trigger" appearance="plain">
          <wa-icon slot="start" name="paperclip"></wa-icon>${msg('Attach')}
        </wa-button>
        <wa-dropdown-item value="file">
          <wa-icon slot="icon" name="file"></wa-icon>${msg('Text files…')}
        </wa-dropdown-item>
        <wa-dropdown-item value="documents" type="checkbox" .checked=${this.documents}>
          <wa-icon slot="icon" name="search"></wa-icon>${msg('My documents in Search')}
        </wa-dropdown-item>
      </wa-dropdown>
      <input type="file" hidden multiple tabindex="-1" aria-label=${msg('Text files to attach')} accept=${ATTACHABLE} @change=${this.#onChoose} />
    `;
  }

  #onSelect({ detail: { item } }: CustomEvent<{ readonly item: Element }>): void {
    if (item.getAttribute('value') === 'file') this.input.click();
    else this.emit('sill-documents', !this.documents);
  }

  #onChoose(): void {
    const files = [...(this.input.files ?? [])];
    // Choosing the same file again is a change only after this.
    this.input.value = '';
    if (files.length > 0) this.emit('sill-files', files);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-attach': SillChatAttach;
  }
}
