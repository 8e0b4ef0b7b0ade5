import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { SillError } from '../../core/errors.ts';
import { readSuite, type SuiteFault } from '../../core/evaluation.ts';
import { SillElement } from '../element.ts';
import { formatNumber, plural } from '../format.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { caseCount, faultWords } from './evaluation-words.ts';

/** A suite under the hands of a person. */
export interface Draft {
  readonly name: string;
  readonly text: string;
  /** The name under which it is kept, where it is. */
  readonly replaces?: string;
  /** A publisher's, which is only looked at. */
  readonly readOnly?: boolean;
}

/** Faults that are told at once; the rest follows when these are mended. */
const TOLD = 20;

/**
 * A suite as text, with what is wrong in which line.
 *
 * @fires sill-draft with a Draft as detail, at each change
 * @fires sill-save
 * @fires sill-close
 * @fires sill-copy: a suite that is only looked at is to be a draft of one's own
 */
@customElement('sill-suite-editor')
export class SillSuiteEditor extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .card {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--sill-space-12);
      }
      textarea {
        width: 100%;
        min-height: 16rem;
        resize: vertical;
        padding: var(--sill-space-10) var(--sill-space-12);
        border: 1px solid var(--wa-form-control-border-color);
        border-radius: var(--wa-border-radius-m);
        background: var(--wa-color-surface-default);
        color: var(--wa-color-text-normal);
        font-family: var(--wa-font-family-code);
        font-size: var(--wa-font-size-s);
        line-height: 1.6;
        white-space: pre;
        overflow: auto;
      }
      .name {
        max-width: 24rem;
      }
      .faults {
        display: grid;
        gap: var(--sill-space-4);
        font-size: var(--wa-font-size-s);
      }
      .faults li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--sill-space-12);
        align-items: baseline;
        overflow-wrap: anywhere;
      }
      .faults .link {
        min-height: 1.75rem;
      }
      @media (pointer: coarse) {
        .faults .link {
          min-height: 44px;
        }
      }
    `,
  ];

  @property({ attribute: false }) draft!: Draft;
  @property({ attribute: false }) error: SillError | undefined;
  /** Names under which suites are kept. */
  @property({ attribute: false }) taken: readonly string[] = [];
  @property({ type: Boolean }) saving = false;
  /** Told only once something was written. */
  @state() private isTouched = false;
  @query('textarea') private area!: HTMLTextAreaElement | null;

  override render() {
    const { name, text, readOnly = false } = this.draft;
    const { cases, faults } = readSuite(text);
    const isTaken = this.#isTaken();
    return html`
      <section class="card" aria-labelledby="editing">
        <h2 id="editing">${readOnly ? msg(str`${name}, as its publisher signed it`) : this.draft.replaces === undefined ? msg('A new suite') : msg(str`Editing ${this.draft.replaces}`)}</h2>
        ${
          readOnly
            ? nothing
            : html`<div class="field name">
                <label for="name">${msg('Name')}</label>
                <input id="name" type="text" maxlength="80" autocomplete="off" .value=${name} aria-invalid=${isTaken} aria-describedby=${isTaken ? 'taken' : nothing} @input=${this.#onName} />
                <div role="status">${isTaken ? html`<p class="hint" id="taken">${msg('Another suite has this name. Choose another one, or remove that suite first.')}</p>` : nothing}</div>
              </div>`
        }
        <div class="field">
          <label for="text">${msg('Cases, one in each line, as JSON')}</label>
          <textarea id="text" spellcheck="false" ?readonly=${readOnly} .value=${text} @input=${this.#onText} aria-describedby="state"></textarea>
        </div>
        <div id="state" role="status">
          <p class="small quiet">${msg(str`${caseCount(cases.length)} can be read.`)}</p>
          ${faults.length > 0 && (this.isTouched || readOnly || text.trim() !== '') ? this.#faults(faults) : nothing}
        </div>
        ${this.error ? html`<sill-error .error=${this.error.toData()}></sill-error>` : nothing}
        <div class="row">
          ${
            readOnly
              ? html`<wa-button size="s" variant="brand" @click=${() => this.emit('sill-copy')}><wa-icon slot="start" name="copy"></wa-icon>${msg('Make a copy to edit')}</wa-button>`
              : html`<wa-button size="s" variant="brand" ?loading=${this.saving} ?disabled=${name.trim() === '' || isTaken} @click=${() => this.emit('sill-save')}>
                  <wa-icon slot="start" name="check"></wa-icon>${msg('Save suite')}
                </wa-button>`
          }
          <wa-button size="s" appearance="outlined" @click=${() => this.emit('sill-close')}>${readOnly ? msg('Close') : msg('Close without saving')}</wa-button>
        </div>
      </section>
    `;
  }

  #faults(faults: readonly SuiteFault[]) {
    const more = faults.length - TOLD;
    return html`
      <ul class="faults" aria-label=${msg('Lines that are no cases')}>
        ${faults
          .slice(0, TOLD)
          .map(
            (fault) =>
              html`<li><button class="link" type="button" @click=${() => this.#goTo(fault.line)}>${msg(str`Line ${fault.line}`)}</button><span>${faultWords(fault)}</span></li>`,
          )}
      </ul>
      ${more > 0 ? html`<p class="small quiet">${plural(more, msg('1 more line has a fault.'), msg(str`${formatNumber(more)} more lines have a fault.`))}</p>` : nothing}
    `;
  }

  /** Puts the cursor there, with the line marked. */
  #goTo(line: number): void {
    const { area } = this;
    if (!area) return;
    const lines = area.value.split('\n');
    const from = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    area.focus();
    area.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
    area.scrollTop = Math.max(0, (line - 3) * (area.scrollHeight / Math.max(1, lines.length)));
  }

  /** Saved, it would take the place of that suite, of which nothing would be left. While it is being saved it comes to be there itself. */
  #isTaken(): boolean {
    const name = this.draft.name.trim();
    return !this.saving && !this.draft.readOnly && name !== this.draft.replaces && this.taken.includes(name);
  }

  #onName(event: Event): void {
    this.emit<Draft>('sill-draft', { ...this.draft, name: (event.target as HTMLInputElement).value });
  }

  #onText(event: Event): void {
    this.isTouched = true;
    this.emit<Draft>('sill-draft', { ...this.draft, text: (event.target as HTMLTextAreaElement).value });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-suite-editor': SillSuiteEditor;
  }
}
