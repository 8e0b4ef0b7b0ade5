import './embed.css';
import './guest-consent.ts';
import { msg, str } from '@lit/localize';
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type ErrorData, SillError } from '../../core/errors.ts';
import { checkedTheme, type FrameLook, THEME_PROPERTIES } from '../../core/theme.ts';
import type { FrameReport } from '../../protocol/embedding.ts';
import type { Sill } from '../../protocol/sill.ts';
import { SillElement } from '../element.ts';
import { errorWords } from '../errors.ts';
import { applyLocale, LOCALES, preferredLocale } from '../locale.ts';
import { embedStyles } from './embed.styles.ts';

interface Question {
  readonly origin: string;
  readonly answer: (allow: boolean) => void;
}

/** What the frame is about: nothing to see while it serves a page's requests, or one of the few things that a person sees in it. */
@customElement('sill-embed')
export class SillEmbed extends SillElement {
  static override styles = [embedStyles];

  /** What may be asked by the page that embeds this frame, for the conversation in it. */
  @property({ attribute: false }) sill?: Sill;
  /** Puts a model onto the device when a person in front of the frame asks for it. */
  @property({ attribute: false }) own?: Sill;
  @property({ attribute: false }) look: FrameLook = {};
  /** The page that was let in. */
  @property({ attribute: false }) guest?: string;
  @property({ attribute: false }) report?: FrameReport;
  @property({ attribute: false }) error?: ErrorData;
  /** Shown by nobody: the address was opened by itself. */
  @property({ type: Boolean }) alone = false;
  @state() private question: Question | undefined;

  constructor() {
    super();
    void applyLocale(preferredLocale());
  }

  /** @throws SillError `aborted` when the page that asked is gone */
  ask(origin: string, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        this.question = undefined;
        settle();
      };
      this.question = { origin, answer: (allow) => done(() => resolve(allow)) };
      signal.addEventListener('abort', () => done(() => reject(new SillError('aborted', 'The page that asked is gone.'))));
    });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('look')) this.#dress();
    if (this.look.view === 'chat' && this.sill) void import('./embed-chat.ts');
  }

  override render() {
    if (!isSecureContext) return this.#insecure();
    if (this.question) {
      const { origin, answer } = this.question;
      return html`<sill-guest-consent .origin=${origin} @sill-decided=${(event: CustomEvent<boolean>) => answer(event.detail)}></sill-guest-consent>`;
    }
    if (this.alone) return this.#alone();
    if (this.error) return this.#refused(this.error);
    if (this.look.view !== 'chat') return nothing;
    if (!this.sill) return html`<p class="quiet" role="status">${msg('Starting…')}</p>`;
    return html`<sill-embed-chat .sill=${this.sill} .own=${this.own} .look=${this.look} .report=${this.report} .guest=${this.guest}></sill-embed-chat>`;
  }

  #dress(): void {
    const { style } = document.documentElement;
    for (const name of Object.keys(THEME_PROPERTIES)) style.removeProperty(name);
    for (const [name, value] of checkedTheme(this.look.theme ?? {}).theme) style.setProperty(name, value);
    const { colorScheme = 'system', language } = this.look;
    style.colorScheme = colorScheme === 'system' ? 'light dark' : colorScheme;
    const locale = LOCALES.find((each) => language?.toLowerCase().startsWith(each));
    if (locale) void applyLocale(locale);
  }

  #window(): TemplateResult {
    return html`<p><a href="./" target="_blank" rel="noopener">${msg('Open Sill in a window of its own')}</a></p>`;
  }

  /** A frame in a page that came over http: also an https address in it has none of what is needed. */
  #insecure(): TemplateResult {
    return html`
      <div class="card" role="alert">
        <h1>${msg('Nothing can run here: the page around is not secure')}</h1>
        <p>${msg('It came over plain http, and a browser then withholds storage, threads and graphics computing from every frame in it.')}</p>
        ${this.#window()}
      </div>
    `;
  }

  #alone(): TemplateResult {
    return html`
      <div class="card">
        <h1>${msg('This page is made to be shown in others')}</h1>
        <p>${msg('By itself it does nothing.')}</p>
        ${this.#window()}
      </div>
    `;
  }

  #refused(error: ErrorData): TemplateResult {
    const { title, advice } = error.code === 'forbidden' ? this.#notLetIn() : errorWords(error);
    return html`
      <div class="card" role="alert">
        <h1>${title}</h1>
        <p>${advice}</p>
        <p class="quiet" lang="en">${error.message}</p>
        ${this.#window()}
      </div>
    `;
  }

  #notLetIn() {
    return { title: msg('This page may not use Sill'), advice: msg(str`The operator of ${location.host} decides which pages may.`) };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-embed': SillEmbed;
  }
}
