import '../elements/error-note.ts';
import '../elements/form-making.ts';
import './copy-tool.ts';
import './given-list.ts';
import './markdown-text.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Piece } from '../../core/chat/attachment.ts';
import type { Answer, Message } from '../../core/chat/conversation.ts';
import { isComposing } from '../composing.ts';
import { SillElement } from '../element.ts';
import { formatDuration, formatNumber } from '../format.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { tools } from '../styles/tools.ts';
import { wordlessWords } from '../wordless.ts';
import { placeWords, tokensWords } from '../words.ts';
import { askedAbout, askedAboutStyles, lookingWords } from './asked-about.ts';
import { writing } from './chat.styles.ts';
import { chatMessageStyles } from './chat-message.styles.ts';
import type { Looking } from './finding.ts';

/**
 * One message, with what can be done to it.
 *
 * @fires sill-edit with the new text as detail
 * @fires sill-again another answer is wanted
 * @fires sill-go-on an answer that was cut off is to go on
 * @fires sill-branch with -1 or 1 as detail: the branch before or after is to be shown
 * @fires sill-template the model needs a template for conversations
 */
@customElement('sill-chat-message')
export class SillChatMessage extends SillElement {
  static override styles = [shared, marks, tools, writing, askedAboutStyles, chatMessageStyles];

  @property({ attribute: false }) message!: Message;
  /** Which of the branches at this place it is, from 0, of how many. */
  @property({ type: Number }) branch = 0;
  @property({ type: Number }) branches = 1;
  /** It grows, here or in another tab. */
  @property({ type: Boolean }) writing = false;
  /** Passages for its question are looked for. */
  @property({ attribute: false }) looking: Looking | undefined;
  /** What its model was given with the question; absent where nothing was looked for. */
  @property({ attribute: false }) given: readonly Piece[] | undefined;
  /** Of its model, in tokens. */
  @property({ attribute: false }) contextLength: number | undefined;
  /** Files that it is about, by name. */
  @property({ attribute: false }) about: readonly string[] = [];
  /** Something is being answered in this conversation: nothing else is begun in it. */
  @property({ type: Boolean }) busy = false;
  /** No model is made on this device by whoever stands before it. */
  @property({ type: Boolean }) locked = false;
  @state() private draft: string | undefined;
  @query('textarea') private field!: HTMLTextAreaElement | null;

  /** Opens a person's message for another wording. */
  async edit(): Promise<void> {
    this.draft = this.message.text;
    await this.updateComplete;
    this.field?.focus();
    this.field?.setSelectionRange(this.draft.length, this.draft.length);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.get('message') && changed.get('message')?.id !== this.message.id) this.draft = undefined;
  }

  override render() {
    const { role, answer } = this.message;
    const name = role === 'user' ? msg('You') : msg(str`Answer of ${answer?.by?.model ?? answer?.model ?? ''}`);
    return html`
      <article class=${role} aria-label=${name} aria-busy=${this.writing}>
        ${role === 'user' ? askedAbout(this.about, this.message.sources?.documents ?? false) : nothing} ${this.draft === undefined ? this.#said() : this.#editor(this.draft)}
        ${answer ? this.#trouble(answer) : nothing}
        ${answer?.given && this.given ? html`<sill-given-list .pieces=${this.given} .tokens=${answer.given.tokens} .contextLength=${this.contextLength}></sill-given-list>` : nothing}
        ${this.draft !== undefined || (this.#isBlank && (this.writing || (answer?.state === 'failed' && this.branches === 1))) ? nothing : this.#foot()}
      </article>
    `;
  }

  /** White space is drawn as nothing. */
  get #isBlank(): boolean {
    return this.message.role === 'assistant' && this.message.text.trim() === '';
  }

  get #isWordless(): boolean {
    return this.#isBlank && this.message.answer?.state === 'done';
  }

  #said() {
    const { role, text } = this.message;
    if (role === 'user') return html`<div class="said">${text}</div>`;
    if (this.#isBlank && !this.writing) return nothing;
    if (this.#isBlank) {
      const words = this.looking ? lookingWords(this.looking) : msg('Waiting for the first words…');
      return html`<sill-form-making class="said waiting" model=${this.message.answer?.model ?? ''}>${words}</sill-form-making>`;
    }
    return html`<sill-markdown class="said" .text=${text}></sill-markdown>`;
  }

  #editor(draft: string) {
    return html`
      <form @submit=${this.#send} @keydown=${this.#onKeydown}>
        <textarea aria-label=${msg('Your message, worded anew')} .value=${draft} @input=${this.#onInput}></textarea>
        <div class="end">
          <wa-button size="s" appearance="plain" @click=${this.#leave}>${msg('Cancel')}</wa-button>
          <wa-button size="s" variant="brand" type="submit" ?disabled=${this.busy || draft.trim() === ''}>${msg('Send anew')}</wa-button>
        </div>
      </form>
    `;
  }

  #trouble(answer: Answer) {
    if (this.writing) return nothing;
    if (answer.state === 'failed' && answer.error) {
      return html`
        <sill-error .error=${answer.error}>
          <div class="row">
            ${
              answer.error.code === 'chat_template_missing' && !this.locked
                ? html`<wa-button size="s" appearance="outlined" @click=${() => this.emit('sill-template')}>${msg('Make a model with a template of it')}</wa-button>`
                : nothing
            }
            <wa-button size="s" appearance="outlined" ?disabled=${this.busy} @click=${() => this.emit('sill-again')}>${msg('Try again')}</wa-button>
          </div>
        </sill-error>
      `;
    }
    const cut = cutWords(answer);
    const words = this.#isWordless ? wordlessWords() : cut;
    if (!words) return nothing;
    return html`
      <div class="row">
        <p class="note wait"><wa-icon name="info"></wa-icon><span>${words}</span></p>
        ${
          // One that ended by itself would end again at once.
          answer.tokens?.length && cut
            ? html`<wa-button size="s" appearance="outlined" ?disabled=${this.busy} @click=${() => this.emit('sill-go-on')}>
                <wa-icon slot="start" name="continue"></wa-icon>${msg('Continue')}
              </wa-button>`
            : nothing
        }
        ${
          this.#isWordless
            ? html`<wa-button size="s" appearance="outlined" ?disabled=${this.busy} @click=${() => this.emit('sill-again')}>
                <wa-icon slot="start" name="refresh"></wa-icon>${msg('Answer again')}
              </wa-button>`
            : nothing
        }
      </div>
    `;
  }

  #foot() {
    const { role, text, answer } = this.message;
    return html`
      <div class="foot">
        ${this.branches > 1 ? this.#branches() : nothing}
        ${text && !this.#isBlank ? html`<sill-copy-tool .text=${text} label=${role === 'user' ? msg('Copy the message') : msg('Copy the answer')}></sill-copy-tool>` : nothing}
        ${role === 'user' ? this.#tool('write', msg('Edit and send anew'), () => void this.edit()) : nothing}
        ${role === 'assistant' && !this.#isWordless ? this.#tool('refresh', msg('Answer again'), () => this.emit('sill-again')) : nothing}
        ${answer && !this.writing ? this.#facts(answer) : nothing}
      </div>
    `;
  }

  #tool(icon: string, label: string, act: () => void) {
    return html`<button class="tool" ?disabled=${this.busy} aria-label=${label} title=${label} @click=${act}><wa-icon name=${icon}></wa-icon></button>`;
  }

  #branches() {
    const [at, all] = [this.branch + 1, this.branches];
    return html`
      <span class="branches" role="group" aria-label=${msg('Branches')}>
        <button class="tool" aria-label=${msg('Branch before')} ?disabled=${at === 1} @click=${() => this.emit('sill-branch', -1)}>
          <wa-icon name="chevron-left"></wa-icon>
        </button>
        <span aria-label=${msg(str`Branch ${at} of ${all}`)} role="img">${at}/${all}</span>
        <button class="tool" aria-label=${msg('Branch after')} ?disabled=${at === all} @click=${() => this.emit('sill-branch', 1)}>
          <wa-icon name="chevron-right"></wa-icon>
        </button>
      </span>
    `;
  }

  /** By what, where and how fast. */
  #facts({ by, model, completionTokens }: Answer) {
    const { variant, device, threads, elsewhere, decodeTokensPerSecond, ttftMs } = by ?? {};
    const facts = [
      by?.model ?? model,
      variant,
      elsewhere ?? (device && threads ? placeWords({ device, threads }) : undefined),
      decodeTokensPerSecond === undefined ? undefined : msg(str`${formatNumber(decodeTokensPerSecond, 1)} tokens/s`),
      completionTokens === undefined ? undefined : tokensWords(completionTokens),
      ttftMs === undefined ? undefined : msg(str`first after ${formatDuration(ttftMs / 1000)}`),
    ];
    return html`<span class="facts">${facts.filter(Boolean).join(' · ')}</span>`;
  }

  #onInput(event: Event): void {
    this.draft = (event.target as HTMLTextAreaElement).value;
  }

  #onKeydown(event: KeyboardEvent): void {
    if (isComposing(event)) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      this.#leave();
    }
    if (event.key === 'Enter' && !event.shiftKey) this.#send(event);
  }

  #send(event: Event): void {
    event.preventDefault();
    const text = this.draft?.trim();
    if (!text || this.busy) return;
    this.draft = undefined;
    this.emit('sill-edit', text);
  }

  #leave(): void {
    this.draft = undefined;
    this.emit('sill-left');
  }
}

/** Why there might be more of an answer, if so. */
function cutWords({ state: how, ending }: Answer): string | undefined {
  if (how === 'writing') return msg('This answer was cut off: its page was closed while it was written.');
  if (how === 'stopped') return msg('Stopped by you.');
  return ending === 'length' ? msg('Ended at the length limit.') : undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-message': SillChatMessage;
  }
}
