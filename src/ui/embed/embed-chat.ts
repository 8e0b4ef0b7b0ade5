import './guest-status.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { isAbort, toSillError } from '../../core/errors.ts';
import type { FrameLook } from '../../core/theme.ts';
import type { FrameReport } from '../../protocol/embedding.ts';
import type { InstallProgress, ModelSummary } from '../../protocol/modelReports.ts';
import type { Sill } from '../../protocol/sill.ts';
import { Activity } from '../activity.ts';
import { isComposing } from '../composing.ts';
import { SillElement } from '../element.ts';
import { errorWords } from '../errors.ts';
import { formatBytes } from '../format.ts';
import { wordlessWords } from '../wordless.ts';
import { Conversation } from './conversation.ts';
import { embedStyles } from './embed.styles.ts';

/** A conversation with one model, in a page that embeds Sill. */
@customElement('sill-embed-chat')
export class SillEmbedChat extends SillElement {
  static override styles = [
    embedStyles,
    css`
      .card {
        padding: 0.75em;
      }
      ol {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        gap: 0.6em;
      }
      li {
        padding: 0.5em 0.8em;
        border-radius: var(--sill-embed-radius);
        border: 1px solid var(--sill-embed-border);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        justify-self: start;
        max-width: 92%;
      }
      li.user {
        justify-self: end;
        border-color: var(--sill-embed-accent);
      }
      form {
        display: grid;
        gap: 0.5em;
      }
      textarea {
        width: 100%;
        resize: vertical;
      }
      .spread {
        justify-content: space-between;
      }
      .visually-hidden {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
      }
      progress {
        width: 100%;
        accent-color: var(--sill-embed-accent);
      }
    `,
  ];

  @property({ attribute: false }) sill?: Sill;
  @property({ attribute: false }) own?: Sill | undefined;
  @property({ attribute: false }) look: FrameLook = {};
  @property({ attribute: false }) guest?: string | undefined;
  @property({ attribute: false }) report?: FrameReport | undefined;
  @state() private models: readonly ModelSummary[] | undefined;
  @state() private progress: InstallProgress | undefined;
  @state() private failure: unknown;
  @state() private text = '';
  @query('textarea') private field!: HTMLTextAreaElement | null;
  readonly #activity = new Activity();
  readonly #talk = new Conversation(this);
  #unwatch: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watch();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Set before this class was loaded: they are known from the first update on.
    if (changed.has('sill')) void this.#look();
    if (changed.has('own')) this.#watch();
  }

  #watch(): void {
    this.#unwatch?.();
    this.#unwatch = this.own?.watch((event) => {
      if (event.type === 'models') void this.#look();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch?.();
  }

  async #look(): Promise<void> {
    try {
      this.models = await this.sill?.models.list();
    } catch (reason) {
      this.failure = reason;
    }
  }

  get #model(): ModelSummary | undefined {
    const writers = this.models?.filter(({ task }) => task === 'text-generation') ?? [];
    if (this.look.model !== undefined) return writers.find(({ id }) => id === this.look.model);
    return writers.find(({ installed }) => installed) ?? writers[0];
  }

  override render() {
    const model = this.#model;
    return html`
      <section class="card" aria-label=${model ? msg(str`Conversation with ${model.name}`) : msg('Conversation')}>
        ${this.#talk.turns.length > 0 ? this.#turns() : nothing} ${this.#problem()}
        ${model === undefined ? this.#none() : model.installed ? this.#composer(model) : this.#needed(model)} ${this.#status()}
      </section>
    `;
  }

  /** Where the app shares this frame's storage it says so itself, in Manage. */
  #status() {
    const { own, guest } = this;
    if (!own || guest === undefined || this.report?.storage !== 'partitioned') return nothing;
    return html`<sill-guest-status .own=${own} origin=${guest}></sill-guest-status>`;
  }

  #turns() {
    const last = this.#talk.turns.length - 1;
    return html`
      <div role="log" aria-live="polite" aria-busy=${this.#talk.running}>
        <ol>
          ${this.#talk.turns.map(
            ({ role, text }, at) =>
              html`<li class=${role}><span class="visually-hidden">${role === 'user' ? msg('You:') : msg('Answer:')}</span>${text || (at === last && this.#talk.running ? '…' : '')}</li>`,
          )}
        </ol>
      </div>
    `;
  }

  #problem() {
    const reason = this.failure ?? this.#talk.error;
    if (reason === undefined)
      return this.#talk.wordless ? html`<p role="status">${wordlessWords()} ${msg('Say it in other words.')}</p>` : nothing;
    const { title, advice } = errorWords(toSillError(reason));
    return html`<p role="alert"><strong>${title}.</strong> ${advice}</p>`;
  }

  #none() {
    if (this.models === undefined) return this.failure ? nothing : html`<p class="quiet" role="status">${msg('Starting…')}</p>`;
    return html`<p>${this.look.model ? msg(str`There is no model "${this.look.model}" for this page.`) : msg('No model for this is on offer')}</p>`;
  }

  #needed(model: ModelSummary) {
    if (this.progress) {
      const { storedBytes, totalBytes } = this.progress;
      return html`
        <p role="status">${msg(str`Fetching ${model.name}…`)} ${formatBytes(storedBytes)} / ${formatBytes(totalBytes)}</p>
        <progress aria-label=${model.name} max=${totalBytes} .value=${storedBytes}></progress>
      `;
    }
    const size = formatBytes(model.fits[0]?.sizeBytes ?? 0);
    return html`
      <p>${msg(str`${model.name} answers here, on this device, once it was fetched (${size}, ${model.licence.spdx}).`)}</p>
      ${
        this.report?.storage === 'partitioned'
          ? html`<p class="quiet">${msg('The browser keeps what this site stores apart for each site around it, so that a model is fetched once for each of them.')}</p>`
          : nothing
      }
      <div class="row"><button class="main" @click=${() => void this.#install(model)}>${msg('Fetch it')}</button></div>
    `;
  }

  #composer(model: ModelSummary) {
    const { running } = this.#talk;
    return html`
      <form @submit=${this.#onSubmit}>
        <label class="visually-hidden" for="text">${msg('Your message')}</label>
        <textarea id="text" rows="2" placeholder=${msg('Your message')} .value=${this.text} @input=${this.#onInput} @keydown=${this.#onKeydown}></textarea>
        <div class="row spread">
          <span class="quiet">${model.name} · ${msg('on this device')}</span>
          <span class="row">
            ${this.#talk.turns.length > 0 && !running ? html`<button type="button" @click=${() => this.#talk.clear()}>${msg('Clear')}</button>` : nothing}
            ${
              running
                ? html`<button type="button" @click=${() => this.#talk.stop()}>${msg('Stop')}</button>`
                : html`<button class="main" ?disabled=${this.text.trim() === ''}>${msg('Send')}</button>`
            }
          </span>
        </div>
      </form>
    `;
  }

  #onInput(event: InputEvent): void {
    if (event.target instanceof HTMLTextAreaElement) this.text = event.target.value;
  }

  #onKeydown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    void this.#send();
  }

  #onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    void this.#send();
  }

  async #send(): Promise<void> {
    const text = this.text.trim();
    const model = this.#model;
    if (text === '' || !model || !this.sill || this.#talk.running) return;
    this.text = '';
    this.failure = undefined;
    await this.#talk.say(this.sill, this.#activity, text, { model: model.id, instructions: this.look.instructions });
    this.field?.focus();
  }

  async #install(model: ModelSummary): Promise<void> {
    if (!this.own) return;
    this.failure = undefined;
    try {
      this.progress = { phase: 'preparing', storedBytes: 0, totalBytes: model.fits[0]?.sizeBytes ?? 0 };
      await this.own.models.install(model.id, { onProgress: (progress) => (this.progress = progress) });
      await this.#look();
    } catch (reason) {
      if (!isAbort(reason)) this.failure = reason;
    } finally {
      this.progress = undefined;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-embed-chat': SillEmbedChat;
  }
}
