import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';
import { canPickHandles, droppedHandles, pickHandles } from './file-handles.ts';

/**
 * A place to drop files on, and a button for those who do not drag.
 *
 * @slot - what may be dropped, in words
 * @fires sill-files with an array of File as detail
 * @fires sill-handles in its place, with an array of FileHandle, where they are asked for and the browser gives them for all of the files
 */
@customElement('sill-file-drop')
export class SillFileDrop extends SillElement {
  static override styles = [
    shared,
    css`
      .zone {
        display: grid;
        justify-items: center;
        gap: var(--sill-space-10);
        padding: var(--sill-space-20) var(--sill-space-16);
        border: 1.5px dashed var(--wa-color-neutral-border-loud);
        border-radius: var(--sill-radius);
        text-align: center;
        color: var(--wa-color-text-quiet);
        font-size: var(--wa-font-size-s);
      }
      .zone.over {
        border-color: var(--wa-color-brand-50);
        background: var(--sill-mark);
      }
    `,
  ];

  /** As the `accept` attribute of a file input. */
  @property() accept = '';
  @property() label = '';
  @property({ type: Boolean }) multiple = false;
  @property({ type: Boolean }) disabled = false;
  /** Handles are asked for: with them a file can be read again after a reload. */
  @property({ type: Boolean }) remembered = false;
  @state() private over = false;
  @query('input') private input!: HTMLInputElement;

  override render() {
    return html`
      <div class=${this.over ? 'zone over' : 'zone'} @dragover=${this.#onOver} @dragleave=${this.#onLeave} @drop=${this.#onDrop}>
        <wa-button size="s" appearance="outlined" ?disabled=${this.disabled} @click=${this.#onClick}>
          <wa-icon slot="start" name="upload"></wa-icon>${this.label}
        </wa-button>
        <input
          type="file"
          hidden
          tabindex="-1"
          aria-label=${this.label}
          accept=${this.accept}
          ?multiple=${this.multiple}
          ?disabled=${this.disabled}
          @change=${this.#onChoose}
        />
        <span>${msg('or drop it here.')} <slot></slot></span>
      </div>
    `;
  }

  #onOver(event: DragEvent): void {
    if (this.disabled) return;
    event.preventDefault();
    this.over = true;
  }

  #onLeave(): void {
    this.over = false;
  }

  async #onClick(): Promise<void> {
    if (!this.remembered || !canPickHandles()) return this.input.click();
    const handles = await pickHandles(this.label, this.accept, this.multiple).catch((reason: unknown) => {
      // Closed without a choice.
      if (reason instanceof DOMException && reason.name === 'AbortError') return [];
      // In a frame of another site, for one, there are none.
      this.input.click();
      return [];
    });
    if (handles.length > 0) this.dispatchEvent(new CustomEvent('sill-handles', { detail: handles }));
  }

  async #onDrop(event: DragEvent): Promise<void> {
    event.preventDefault();
    this.over = false;
    if (this.disabled) return;
    // Both at once: after the event there is nothing left to ask for.
    const files = [...(event.dataTransfer?.files ?? [])];
    const handles = this.remembered ? await droppedHandles(event.dataTransfer?.items) : [];
    if (handles.length > 0 && handles.length === files.length) this.dispatchEvent(new CustomEvent('sill-handles', { detail: handles }));
    else this.#pass(files);
  }

  #onChoose(): void {
    this.#pass([...(this.input.files ?? [])]);
    // Choosing the same file again is a change only after this.
    this.input.value = '';
  }

  #pass(files: readonly File[]): void {
    if (files.length > 0) this.dispatchEvent(new CustomEvent('sill-files', { detail: files }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-file-drop': SillFileDrop;
  }
}
