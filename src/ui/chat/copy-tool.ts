import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';
import { tools } from '../styles/tools.ts';

/** A button that copies a text. Plain, because there may be hundreds of them: the component library's brings a tooltip of its own each. */
@customElement('sill-copy-tool')
export class SillCopyTool extends SillElement {
  static override styles = [
    shared,
    tools,
    css`
      :host {
        display: inline-flex;
      }
    `,
  ];

  @property({ attribute: false }) text = '';
  /** What it copies, in words. */
  @property() label = '';
  @state() private copied: 'no' | 'yes' | 'failed' = 'no';

  override render() {
    const { label } = this;
    const told = { no: '', yes: msg('Copied'), failed: msg('Could not copy') }[this.copied];
    return html`
      <button class="tool" aria-label=${label} title=${told || label} @click=${this.#copy} @blur=${this.#onLeft}>
        <wa-icon name=${{ no: 'copy', yes: 'check', failed: 'xmark' }[this.copied]}></wa-icon>
      </button>
      <span class="visually-hidden" role="status">${told}</span>
    `;
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text);
      this.copied = 'yes';
    } catch {
      // Refused by the browser or by the person: told at the button.
      this.copied = 'failed';
    }
  }

  #onLeft(): void {
    this.copied = 'no';
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-copy-tool': SillCopyTool;
  }
}
