import { msg } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { KioskScreen } from '../../core/kiosk/rules.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';
import { isComposing } from '../composing.ts';
import { SillElement } from '../element.ts';
import { Conversation } from '../embed/conversation.ts';
import { errorWords } from '../errors.ts';
import { shared } from '../styles/shared.ts';
import { wordlessWords } from '../wordless.ts';
import { kioskControls, kioskType } from './kiosk.styles.ts';
import { kioskTask } from './kiosk-task.styles.ts';
import { taskWordsOf } from './kiosk-words.ts';
import { reportAnswer } from './report-answer.ts';

/**
 * A conversation, or a text that is gone on with, for one person. It ends with its element: nothing of it is kept.
 *
 * @fires sill-kiosk-answer with the error of an answer as detail, undefined where it went well
 */
@customElement('sill-kiosk-chat')
export class SillKioskChat extends SillElement {
  static override styles = [
    shared,
    kioskType,
    kioskControls,
    kioskTask,
    css`
      /* What is written next belongs below what was said. */
      :host {
        grid-template-rows: minmax(0, 1fr) auto;
      }
      /* A sheet, however little stands on it. */
      .outcome {
        display: flex;
        flex-direction: column;
        padding: 1em;
        background: var(--wa-color-surface-default);
        border: 1px solid var(--wa-color-surface-border);
      }
      /* On a screen that is taller than a person, what was said last stands beside where one goes on. */
      ol {
        display: flex;
        flex-direction: column;
        margin-block-start: auto;
        gap: 0.75em;
      }
      label {
        display: grid;
      }
      li {
        max-width: 85%;
        padding: 0.6em 0.9em;
        border-radius: var(--sill-radius);
        background: var(--wa-color-surface-lowered);
        border: 1px solid var(--wa-color-surface-border);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        align-self: flex-start;
      }
      li.user {
        align-self: flex-end;
        background: var(--wa-color-brand-fill-quiet);
        color: var(--wa-color-text-normal);
      }
      /* A page of a story: the text of both, one after the other, from its top. */
      ol.write {
        margin-block-start: 0;
        gap: 0;
        font-size: 1.15em;
        line-height: 1.6;
      }
      .write li {
        max-width: 60ch;
        padding: 0;
        border: none;
        border-radius: 0;
        background: none;
        align-self: auto;
      }
      .write li.user {
        background: none;
        font-weight: 600;
        color: var(--sill-accent);
      }
      .start {
        margin: auto;
        max-width: 30ch;
        text-align: center;
        text-wrap: balance;
        color: var(--wa-color-text-quiet);
      }
      :is([role='alert'], [role='status']) {
        grid-column: 1 / -1;
      }
    `,
  ];

  @property({ attribute: false }) sill!: Sill;
  @property({ attribute: false }) activity!: Activity;
  @property({ attribute: false }) screen!: KioskScreen;
  @property() model = '';
  @state() private text = '';
  @query('textarea') private field!: HTMLTextAreaElement | null;
  @query('.outcome') private log!: HTMLElement | null;
  readonly #talk = new Conversation(this);

  protected override firstUpdated(): void {
    this.field?.focus({ preventScroll: true });
  }

  protected override updated(_: PropertyValues<this>): void {
    const { log } = this;
    if (log && this.#talk.running) log.scrollTop = log.scrollHeight;
  }

  override render() {
    const { turns, running } = this.#talk;
    return html`
      <div class="outcome" role="log" aria-live="polite" aria-busy=${running} aria-label=${msg('Conversation')} tabindex="0">
        ${turns.length === 0 ? html`<p class="start">${msg('What you write stands here, and what the device makes of it. When you go, all of it is deleted.')}</p>` : nothing}
        <ol class=${this.screen.task}>
        ${turns.map(({ role, text }, at) => {
          const isNext = at === turns.length - 1 && running;
          return html`<li class=${role}><span class="visually-hidden">${role === 'user' ? msg('You:') : msg('Answer:')}</span>${text.trimStart() || (isNext ? '…' : '')}</li>`;
        })}
        </ol>
      </div>
      <form class="ask" @submit=${this.#onSubmit}>
        ${this.#problem()}
        <label>
          <span class="visually-hidden">${taskWordsOf(this.screen.task).invitation}</span>
          <textarea
            rows="2"
            maxlength="2000"
            autocomplete="off"
            spellcheck="false"
            placeholder=${taskWordsOf(this.screen.task).invitation}
            .value=${live(this.text)}
            @input=${this.#onInput}
            @keydown=${this.#onKeydown}
          ></textarea>
        </label>
        ${
          running
            ? html`<button type="button" @click=${() => this.#talk.stop()}>${msg('Stop')}</button>`
            : html`<button class="main" ?disabled=${this.text.trim() === ''}>${msg('Send')}</button>`
        }
      </form>
    `;
  }

  #problem() {
    const { error } = this.#talk;
    if (!error) return this.#talk.wordless ? html`<p role="status">${wordlessWords()} ${msg('Say it in other words.')}</p>` : nothing;
    const { title, advice } = errorWords(error);
    return html`<p role="alert"><strong>${title}.</strong> ${advice}</p>`;
  }

  #onInput(event: Event): void {
    if (event.target instanceof HTMLTextAreaElement) this.text = event.target.value;
  }

  #onKeydown(event: KeyboardEvent): void {
    if (event.key === 'Enter' && !event.shiftKey && !isComposing(event)) this.#onSubmit(event);
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    void this.#send();
  }

  async #send(): Promise<void> {
    const text = this.text.trim();
    if (text === '' || this.#talk.running) return;
    this.text = '';
    const { instructions, task } = this.screen;
    // A text that is gone on with has no instructions, and each begins anew.
    if (task === 'write') this.#talk.clear();
    await this.#talk.say(this.sill, this.activity, text, {
      model: this.model,
      ...(task === 'chat' && instructions ? { instructions, keepsInstructions: true } : {}),
    });
    reportAnswer(this, this.#talk.error);
    this.field?.focus({ preventScroll: true });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-kiosk-chat': SillKioskChat;
  }
}
