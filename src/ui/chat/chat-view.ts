import '../elements/error-note.ts';
import '../elements/model-needed.ts';
import './chat-list.ts';
import './chat-locked.ts';
import './chat-title.ts';
import './chat-tools.ts';
import './chat-ways.ts';
import './passphrase-dialog.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/drawer/drawer.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import * as v from 'valibot';
import type { SillAdaptDialog } from '../adapt/adapt-dialog.ts';
import { activityContext, sealingContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { EventsController } from '../events-controller.ts';
import { formatNumber } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { LateParts } from '../late-parts.ts';
import { Newcomer } from '../newcomer.ts';
import { OwnStore } from '../own-store.ts';
import { readPreference, writePreference } from '../preferences.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { Carrying } from './carrying.ts';
import { chatViewStyles } from './chat.styles.ts';
import { ChatAddress } from './chat-address.ts';
import { importJson, saveJson } from './chat-files.ts';
import { ChatStore } from './chat-store.ts';
import type { SillChatTalk } from './chat-talk.ts';
import { passingConversations } from './passing.ts';
import type { SillPassphraseDialog } from './passphrase-dialog.ts';
import { Removal } from './removal.ts';
import { mayTalk, TALKING, Talkers } from './talkers.ts';

const WIDE = matchMedia('(min-width: 64rem)');

/** Conversations with the models of this device. */
@customElement('sill-chat-view')
export class SillChatView extends SillElement {
  protected static override readonly drawsApart = true;
  static override styles = [
    shared,
    viewStyles,
    chatViewStyles,
    css`
      /* As high as the screen, at the least: what main leaves at its end is for views that are longer. */
      :host {
        display: flex;
        flex-direction: column;
        min-height: calc(100dvh - 2rem);
        margin-bottom: calc(-1 * var(--sill-space-64));
      }
      @media (max-width: 50rem) {
        :host {
          min-height: calc(100dvh - 5rem - 1px - var(--sill-bar-height) - env(safe-area-inset-bottom));
          margin-bottom: calc(-1 * var(--sill-space-40));
        }
      }
    `,
  ];

  @state() private query = '';
  @state() private isListOpen = false;
  /** Several are chosen in the list, to be deleted together. */
  @state() private isChoosing = false;
  /** With its first opening, and shut: see `SillDialogElement`. */
  @state() private isDrawerDrawn = false;
  @state() private isWide = WIDE.matches;
  @query('sill-chat-talk') private talk!: SillChatTalk | null;
  @query('sill-passphrase-dialog') private passphrase!: SillPassphraseDialog;

  readonly #talkers = new Talkers(this);
  readonly #newcomer = new Newcomer(this);
  readonly #kiosk = new KioskController(this);
  readonly #address = new ChatAddress(this, {
    anew: (store) => this.#new(store),
    begin: (store) => this.#begin(store),
    opened: () => {
      this.isListOpen = false;
    },
  });
  readonly #sealing = new ContextConsumer(this, { context: sealingContext, subscribe: true });
  readonly #activity = new ContextConsumer(this, { context: activityContext });
  readonly #removal = new Removal(this, this.#address, () => this.#focusTalk());
  readonly #own = new OwnStore(this, (sill) => {
    const { value: sealing } = this.#sealing;
    const { value: activity } = this.#activity;
    if (!sealing || !activity) throw new Error('<sill-chat-view> stands outside of <sill-app>');
    this.#isPassing = this.#kiosk.locked;
    return new ChatStore(sill, sealing, activity, this.#isPassing ? passingConversations() : sill.conversations);
  });
  /** The device is locked: what is said is not stored, and what is stored is not for whoever stands before it. */
  #isPassing = false;
  readonly #carrying = new Carrying(this);
  readonly #talking = new LateParts(this, () => import('./chat-talk.ts'));
  /** What is written and not sent, of each conversation: in memory alone, since it would be readable on the disk. */
  readonly #drafts = new Map<string, string>();
  #at = 0;

  constructor() {
    super();
    new EventsController(this, WIDE, ['change'], () => {
      this.isWide = WIDE.matches;
      this.isListOpen = false;
    });
  }

  protected override willUpdate(): void {
    this.#at++;
    if (this.#own.store && this.#isPassing !== this.#kiosk.locked) this.#beginAnew();
    const { store } = this.#own;
    const mayTalk = store?.state === 'open' ? !this.#isMute(store) : !this.#newcomer.isHere;
    if (mayTalk) void this.#talking.need();
    // Its title is not to be read any more, and nothing is to come back unsealed.
    if (store?.state === 'locked') this.#removal.withdraw();
    if (store?.state === 'open') this.#address.follow(store, !this.hidden);
  }

  override render() {
    const { store } = this.#own;
    return html`
      <div class="top" @keydown=${this.#onKeydown}>
        <h1>${msg('Chat')}</h1>
        ${
          store?.state === 'open'
            ? html`<sill-chat-tools
                .store=${store}
                .at=${this.#at}
                ?wide=${this.isWide}
                ?passing=${this.#isPassing}
                @sill-list=${this.#openList}
                @sill-new=${() => this.#new(store)}
                @sill-several=${this.#chooseSeveral}
                @sill-passphrase=${() => this.passphrase.show()}
                @sill-export=${() => this.#carrying.run(() => saveJson(store).then(() => undefined))}
                @sill-import=${({ detail }: CustomEvent<File>) => this.#carrying.run(() => importJson(store, detail))}
              ></sill-chat-tools>`
            : nothing
        }
      </div>
      ${this.#content(store)}
    `;
  }

  #content(store: ChatStore | undefined) {
    if (store?.state === 'locked') return html`<sill-chat-locked .store=${store}></sill-chat-locked>`;
    const open = store?.state === 'open' ? store : undefined;
    if (!open && store?.error) return html`<sill-error .error=${store.error}></sill-error>`;
    // Whoever never was here has no conversations to wait for.
    if (!open && !this.#newcomer.isHere)
      return html`<div class="ghost" role="status" aria-label=${msg('Looking for conversations…')}></div>`;
    return html`
      ${open && this.#isPassing ? this.#passing(open) : nothing}
      ${open?.error ? html`<sill-error class="failure" .error=${open.error}></sill-error>` : nothing} ${this.#carrying.render()}
      <div class="room" @keydown=${this.#onKeydown}>
        ${
          this.isWide
            ? html`<section class="side" aria-label=${msg('Conversations')}>${open ? this.#list(open) : nothing}</section>`
            : this.isDrawerDrawn
              ? html`<wa-drawer label=${msg('Conversations')} placement="start" ?open=${this.isListOpen} @wa-after-hide=${this.#onListHidden}>${this.isListOpen && open ? this.#list(open) : nothing}</wa-drawer>`
              : nothing
        }
        <section class="conversation" aria-label=${msg('Conversation')}>
          ${open?.isKept ? html`<sill-chat-title .store=${open} .at=${this.#at} ?passing=${this.#isPassing} @sill-remove=${() => this.#remove(open, [open.sight.head?.id ?? ''])}></sill-chat-title>` : nothing}
          ${open && !this.#isMute(open) ? this.#talk(open) : html`<sill-model-needed task=${TALKING} icon="chat" .suits=${mayTalk}><sill-chat-ways slot="none"></sill-chat-ways></sill-model-needed>`}
        </section>
      </div>
      ${
        open
          ? html`<sill-passphrase-dialog .store=${open}></sill-passphrase-dialog>
              <sill-adapt-dialog @sill-made=${this.#onMade}></sill-adapt-dialog>`
          : nothing
      }
    `;
  }

  #passing(store: ChatStore) {
    void import('./chat-passing.ts');
    return html`<sill-chat-passing .store=${store} .at=${this.#at} @sill-passed=${this.#beginAnew}></sill-chat-passing>`;
  }

  /** Nobody is here to talk with, and nothing was said before. */
  #isMute(store: ChatStore): boolean {
    const isEmpty = !store.isKept && store.sight.path.length === 0;
    return isEmpty && this.#talkers.all.length === 0 && (this.#newcomer.isHere || this.#talkers.areKnown);
  }

  #talk(store: ChatStore) {
    return html`
      ${this.#talking.error ? html`<sill-error .error=${this.#talking.error}></sill-error>` : nothing}
      <sill-chat-talk
        .store=${store}
        .at=${this.#at}
        .talkers=${this.#talkers.all}
        ?locked=${this.#isPassing}
        .draft=${this.#drafts.get(store.sight.head?.id ?? '') ?? ''}
        @sill-draft=${this.#onDraft}
        @sill-template=${this.#onTemplate}
      ></sill-chat-talk>
    `;
  }

  #list(store: ChatStore) {
    return html`
      <sill-chat-list
        .found=${store.shelf.find(this.query)}
        .count=${store.shelf.list.length}
        .query=${this.query}
        ?reading=${!store.shelf.texts.isRead}
        current=${store.sight.head?.id ?? ''}
        ?choosing=${this.isChoosing}
        @sill-remove-several=${({ detail }: CustomEvent<readonly string[]>) => this.#remove(store, detail)}
        @sill-chosen=${() => {
          this.isChoosing = false;
        }}
        @sill-query=${this.#onQuery}
        @click=${this.#onListClick}
      ></sill-chat-list>
      ${store.keeper.unreadable.size > 0 ? html`<p class="small quiet">${msg(str`${formatNumber(store.keeper.unreadable.size)} records cannot be read by this version of Sill. They are kept.`)}</p>` : nothing}
    `;
  }

  /** With the model of the last one, and nothing else of it. */
  #begin(store: ChatStore): void {
    store.begin(this.#talkers.first(readPreference('chat.model', v.string(), '')));
  }

  /** Nothing of what was said before is in sight, or comes back. */
  readonly #beginAnew = (): void => {
    this.#removal.withdraw();
    this.#drafts.clear();
    this.query = '';
    this.isChoosing = false;
    this.#own.renew();
  };

  #new(store: ChatStore): void {
    if (store.sight.head) writePreference('chat.model', store.sight.head.model);
    this.#begin(store);
    this.isListOpen = false;
    this.#address.clear();
    void this.#focusTalk();
  }

  async #openList(): Promise<void> {
    this.isDrawerDrawn = true;
    await this.updateComplete;
    this.isListOpen = true;
  }

  async #focusTalk(): Promise<void> {
    await this.updateComplete;
    const { talk } = this;
    if (!talk) return;
    await this.#talking.need();
    await talk.updateComplete;
    talk.focus();
  }

  async #chooseSeveral(): Promise<void> {
    this.isChoosing = true;
    if (!this.isWide) await this.#openList();
  }

  async #remove(store: ChatStore, ids: readonly string[]): Promise<void> {
    this.isChoosing = false;
    await this.#removal.remove(store, ids);
  }

  #onQuery(event: CustomEvent<string>): void {
    this.query = event.detail;
    if (this.query.trim() !== '') void this.#own.store?.reading.unknownTexts();
  }

  /** A conversation was chosen, be it the one that is in sight. */
  #onListClick(event: Event): void {
    if (event.composedPath().some((target) => target instanceof HTMLAnchorElement)) this.isListOpen = false;
  }

  #onListHidden(event: Event): void {
    if (event.target === event.currentTarget) this.isListOpen = false;
  }

  #onDraft(event: CustomEvent<string>): void {
    this.#drafts.set(this.#own.store?.sight.head?.id ?? '', event.detail);
    this.requestUpdate();
  }

  async #onTemplate(event: CustomEvent<string>): Promise<void> {
    const model = this.#talkers.model(event.detail);
    await import('../adapt/adapt-dialog.ts');
    const dialog = this.renderRoot.querySelector<SillAdaptDialog>('sill-adapt-dialog');
    if (model) dialog?.create(model);
  }

  /** What was made for this conversation answers in it. */
  #onMade(event: CustomEvent<string>): void {
    writePreference('chat.model', event.detail);
    void this.#own.store?.set({ model: event.detail });
  }

  #onKeydown(event: KeyboardEvent): void {
    if (event.key === 'Escape' && !event.defaultPrevented) this.#own.store?.streaming.stop();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-view': SillChatView;
  }
}
