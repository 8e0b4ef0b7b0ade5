import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { isComposing } from '../composing.ts';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';
import { writing } from './chat.styles.ts';

/**
 * Where a person writes. Enter sends, Shift+Enter begins a line, Escape stops an answer, the up arrow in an empty field edits what was said last.
 *
 * @slot - beside the button
 * @slot about - above the text: what it is about
 * @fires sill-draft with the text as detail
 * @fires sill-say with the text as detail
 * @fires sill-stop
 * @fires sill-edit-last
 */
@customElement('sill-chat-composer')
export class SillChatComposer extends SillElement {
  static override styles = [
    shared,
    writing,
    css`
      form {
        display: grid;
        gap: var(--sill-space-8);
        padding: var(--sill-space-10);
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--sill-radius);
        background: var(--wa-color-surface-default);
      }
      .below {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--sill-space-12);
      }
      .with {
        display: flex;
        align-items: center;
        gap: var(--sill-space-4);
        min-width: 0;
      }
      .with ::slotted(sill-model-picker) {
        min-width: 0;
      }
      .keys {
        display: none;
      }
      @media (min-width: 64rem) and (pointer: fine) {
        .keys {
          display: inline;
        }
      }
      @media (max-width: 50rem) {
        wa-button::part(base) {
          min-height: 44px;
        }
      }
    `,
  ];

  @property({ attribute: false }) draft = '';
  @property({ type: Boolean }) running = false;
  @property({ type: Boolean }) disabled = false;
  @query('textarea') private field!: HTMLTextAreaElement;

  override focus(): void {
    this.field.focus();
  }

  override render() {
    return html`
      <form @submit=${this.#onSubmit}>
        <slot name="about"></slot>
        <textarea
          rows="2"
          aria-label=${msg('Your message')}
          placeholder=${msg('Ask something')}
          .value=${live(this.draft)}
          @input=${this.#onInput}
          @keydown=${this.#onKeydown}
        ></textarea>
        <div class="below">
          <div class="with"><slot></slot></div>
          <div class="row">
            <span class="quiet small keys">${msg('Enter sends, Shift + Enter begins a line')}</span>
            ${
              this.running
                ? html`<wa-button variant="neutral" @click=${() => this.emit('sill-stop')}><wa-icon slot="start" name="stop"></wa-icon>${msg('Stop')}</wa-button>`
                : html`<wa-button variant="brand" type="submit" ?disabled=${this.disabled || this.draft.trim() === ''}>${msg('Send')}</wa-button>`
            }
          </div>
        </div>
      </form>
    `;
  }

  #onInput(event: Event): void {
    this.emit('sill-draft', (event.target as HTMLTextAreaElement).value);
  }

  #onKeydown(event: KeyboardEvent): void {
    if (isComposing(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) this.#onSubmit(event);
    if (event.key === 'ArrowUp' && this.draft === '') {
      event.preventDefault();
      this.emit('sill-edit-last');
    }
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    if (!this.running && !this.disabled && this.draft.trim() !== '') this.emit('sill-say', this.draft.trim());
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-composer': SillChatComposer;
  }
}
