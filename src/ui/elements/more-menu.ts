import '@awesome.me/webawesome/dist/components/dropdown/dropdown.js';
import '@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js';
import { html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { menu } from '../styles/menu.ts';
import { shared } from '../styles/shared.ts';
import { tools } from '../styles/tools.ts';

export interface MenuItem {
  readonly icon: string;
  readonly label: string;
  readonly act: () => void;
  readonly isDisabled?: boolean;
  /** It takes something away. */
  readonly isDanger?: boolean;
}

/** What is done now and then, in words behind one button: a row of drawings says little, and on a phone it fills the screen. */
@customElement('sill-more-menu')
export class SillMoreMenu extends SillElement {
  static override styles = [shared, tools, menu];

  /** What they have in common, as "More for this conversation". */
  @property() label = '';
  @property({ attribute: false }) items: readonly MenuItem[] = [];
  @query('button') private button!: HTMLButtonElement | null;

  override focus(): void {
    this.button?.focus();
  }

  override render() {
    return html`
      <wa-dropdown placement="bottom-end" @wa-select=${this.#onSelect}>
        <button slot="trigger" class="tool" title=${this.label} aria-label=${this.label}><wa-icon name="more"></wa-icon></button>
        ${this.items.map(
          ({ icon, label, isDisabled = false, isDanger = false }, index) => html`
            <wa-dropdown-item value=${index} ?disabled=${isDisabled} variant=${isDanger ? 'danger' : 'default'}>
              <wa-icon slot="icon" name=${icon}></wa-icon>${label}
            </wa-dropdown-item>
          `,
        )}
      </wa-dropdown>
    `;
  }

  #onSelect({ detail: { item } }: CustomEvent<{ readonly item: Element }>): void {
    const chosen = this.items[Number(item.getAttribute('value'))];
    // The menu gives the focus back to its button first; what is done may lead it elsewhere.
    if (chosen) queueMicrotask(chosen.act);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-more-menu': SillMoreMenu;
  }
}
