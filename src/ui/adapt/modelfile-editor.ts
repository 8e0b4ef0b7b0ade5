import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { ModelfileFault, ModelfileNote } from '../../core/modelfile/faults.ts';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';
import { faultWords, noteWords } from './modelfile-words.ts';

/**
 * A Modelfile with numbered lines, and below what is wrong with which.
 *
 * @fires sill-modelfile with the text as detail, at each change
 */
@customElement('sill-modelfile-editor')
export class SillModelfileEditor extends SillElement {
  static override styles = [
    shared,
    css`
      label {
        font-weight: 500;
        font-size: var(--wa-font-size-s);
      }
      .paper {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        height: 15rem;
        min-height: 8rem;
        margin-top: var(--sill-space-4);
        overflow: hidden;
        resize: vertical;
        border: 1px solid var(--wa-form-control-border-color);
        border-radius: var(--wa-border-radius-m);
        background: var(--wa-color-surface-default);
      }
      .paper:focus-within {
        outline: var(--wa-focus-ring);
        outline-offset: var(--wa-focus-ring-offset);
      }
      .lines,
      textarea {
        margin: 0;
        padding: var(--sill-space-8) var(--sill-space-10);
        font-family: var(--wa-font-family-code);
        font-size: var(--wa-font-size-s);
        line-height: 1.5;
      }
      .lines {
        overflow: hidden;
        text-align: right;
        color: var(--wa-color-text-quiet);
        background: var(--wa-color-surface-lowered);
        user-select: none;
      }
      .lines span {
        display: block;
      }
      .lines .wrong {
        color: var(--wa-color-danger-on-quiet);
        font-weight: 700;
      }
      textarea {
        width: 100%;
        height: 100%;
        border: 0;
        resize: none;
        background: transparent;
        color: var(--wa-color-text-normal);
        white-space: pre;
        overflow: auto;
        tab-size: 2;
      }
      /* Its frame shows it. */
      textarea:focus-visible {
        outline: none;
      }
      ul {
        display: grid;
        gap: var(--sill-space-4);
        margin-top: var(--sill-space-8);
        font-size: var(--wa-font-size-s);
      }
      li {
        overflow-wrap: anywhere;
      }
      .fault .link {
        color: var(--wa-color-danger-on-quiet);
        font-weight: 600;
      }
    `,
  ];

  @property() text = '';
  @property({ attribute: false }) faults: readonly ModelfileFault[] = [];
  @property({ attribute: false }) notes: readonly ModelfileNote[] = [];
  @query('textarea') private area!: HTMLTextAreaElement;
  @query('.lines') private gutter!: HTMLElement;

  override render() {
    const wrong = new Set(this.faults.map(({ line }) => line));
    const count = this.text.split('\n').length;
    return html`
      <label for="modelfile">${msg('Modelfile')}</label>
      <div class="paper">
        <div class="lines" aria-hidden="true">
          ${Array.from({ length: count }, (_, i) => html`<span class=${wrong.has(i + 1) ? 'wrong' : ''}>${i + 1}</span>`)}
        </div>
        <textarea
          id="modelfile"
          spellcheck="false"
          autocapitalize="off"
          autocomplete="off"
          wrap="off"
          aria-describedby="told"
          aria-invalid=${this.faults.length > 0 ? 'true' : 'false'}
          .value=${live(this.text)}
          @input=${this.#onInput}
          @scroll=${this.#onScroll}
        ></textarea>
      </div>
      <div id="told" role="status">${this.faults.length + this.notes.length === 0 ? nothing : this.#told()}</div>
    `;
  }

  #told() {
    return html`
      <ul>
        ${this.faults.map((fault) => html`<li class="fault">${this.#line(fault.line)} ${faultWords(fault)}</li>`)}
        ${this.notes.map((note) => html`<li class="quiet">${this.#line(note.line)} ${noteWords(note)}</li>`)}
      </ul>
    `;
  }

  #line(line: number) {
    return html`<button type="button" class="link" @click=${() => this.#goTo(line)}>${msg(str`Line ${line}`)}</button>:`;
  }

  #goTo(line: number): void {
    const lines = this.text.split('\n');
    const from = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    this.area.focus();
    this.area.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
  }

  #onInput(): void {
    this.dispatchEvent(new CustomEvent('sill-modelfile', { detail: this.area.value }));
  }

  /** The numbers go with the text. */
  #onScroll(): void {
    this.gutter.scrollTop = this.area.scrollTop;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-modelfile-editor': SillModelfileEditor;
  }
}
