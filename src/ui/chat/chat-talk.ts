import './chat-about.ts';
import './chat-attach.ts';
import './chat-composer.ts';
import './chat-message.ts';
import './chat-settings.ts';
import './chat-ways.ts';
import './context-meter.ts';
import '../elements/model-needed.ts';
import '../elements/model-picker.ts';
import { msg, str } from '@lit/localize';
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Message, Parameters } from '../../core/chat/conversation.ts';
import { asGiven, filesOf } from '../../core/chat/given.ts';
import { SillElement } from '../element.ts';
import { writePreference } from '../preferences.ts';
import { shared } from '../styles/shared.ts';
import { Attaching } from './attaching.ts';
import { chatViewStyles } from './chat.styles.ts';
import type { SillChatComposer } from './chat-composer.ts';
import type { SillChatMessage } from './chat-message.ts';
import type { ChatStore } from './chat-store.ts';
import { nextFitAbout } from './context-meter.ts';
import { Dropping } from './dropping.ts';
import { mayTalk, TALKING, type Talker } from './talkers.ts';
import { ToldAnswer } from './told-answer.ts';

/** Nearer to the end of the page than this, a person follows what is written. */
const FOLLOWING_PX = 120;

/**
 * One conversation: what was said, and where one says more.
 *
 * @fires sill-template with the model's id as detail: it needs a template for conversations
 */
@customElement('sill-chat-talk')
export class SillChatTalk extends SillElement {
  static override styles = [shared, chatViewStyles];

  @property({ attribute: false }) store!: ChatStore;
  @property({ attribute: false }) talkers: readonly Talker[] = [];
  /** Changes with everything that the store knows. */
  @property({ attribute: false }) at = 0;
  @property({ attribute: false }) draft = '';
  @property({ type: Boolean }) locked = false;
  @query('sill-chat-composer') private composer!: SillChatComposer | null;
  readonly #attaching = new Attaching(this);
  readonly #dropping = new Dropping(
    this,
    () => !this.locked && this.#talker !== undefined && mayTalk(this.#talker),
    (files) => this.#attach(files),
  );
  readonly #told = new ToldAnswer();
  #shown: string | undefined;
  #isFollowing = false;

  override focus(): void {
    this.composer?.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Others' conversations: nothing of the last ones is attached to them.
    if (changed.has('store')) this.#attaching.clear();
    if (!changed.has('at')) return;
    const page = document.documentElement;
    this.#isFollowing = page.scrollHeight - page.scrollTop - page.clientHeight < FOLLOWING_PX;
    this.#told.follow(this.#run?.message.id, (id) => this.store.sight.tree.get(id));
  }

  protected override updated(): void {
    // Another view is in front, and its page is not ours to move.
    if (!this.checkVisibility()) return;
    const { head, path } = this.store.sight;
    const isOther = head?.id !== this.#shown && path.length > 0;
    if (path.length > 0) this.#shown = head?.id;
    if (isOther || (this.#isFollowing && this.#run)) document.documentElement.scrollTo({ top: document.documentElement.scrollHeight });
  }

  get #run() {
    return this.store.streaming.answers.of(this.store.sight.head?.id ?? '');
  }

  /** The model of the conversation, or the first one where it is not here any more. */
  get #talker(): Talker | undefined {
    return this.talkers.find(({ id }) => id === this.store.sight.head?.model) ?? this.talkers[0];
  }

  override render() {
    const { head, path } = this.store.sight;
    const talker = this.#talker;
    if (!head) return nothing;
    const files = this.#attaching.files(head.id, path);
    const documents = this.#attaching.documents(head.id, path);
    const { fit, hasRoom, passageTokens } = nextFitAbout(head, path, { draft: this.draft, files, documents }, talker?.contextLength);
    const last = path.at(-1);
    // Of the answer in sight this is known, of the next one supposed.
    const cut = last?.answer?.dropped ?? 0;
    const isMute = talker !== undefined && !mayTalk(talker);
    return html`
      <div class=${this.#dropping.isOver ? 'talk over' : 'talk'}>
        <div class="stack">
          ${talker ? html`<sill-chat-settings .head=${head} .contextLength=${talker.contextLength} @sill-system=${this.#onSystem} @sill-parameters=${this.#onParameters}></sill-chat-settings>` : nothing}
          ${
            path.length === 0
              ? isMute
                ? nothing
                : this.#welcome(talker)
              : html`
                  <ol class="messages" aria-label=${msg('Messages')}>
                    ${repeat(
                      path,
                      ({ id }) => id,
                      (message, i) => html`${i === cut && cut > 0 ? this.#cut() : nothing}<li>${this.#message(message)}</li>`,
                    )}
                  </ol>
                `
          }
          ${isMute ? this.#ways(talker) : nothing}
        </div>
        <div class="foot">
          <p class="visually-hidden" role="status">${this.#told.words}</p>
          ${this.store.sight.isGone ? this.#gone() : nothing}
          ${
            talker
              ? html`
                  ${talker.elsewhere === undefined ? nothing : html`<p class="small" role="status">${files.length > 0 || documents ? msg(str`${talker.elsewhere} computes the answers: what you write, and the passages put before it, are sent there.`) : msg(str`${talker.elsewhere} computes the answers: what you write is sent there.`)}</p>`}
                  ${talker.id === head.model || path.length === 0 ? nothing : html`<p class="small" role="status">${msg(str`${head.model} is not on this device any more: ${talker.name} answers.`)}</p>`}
                  <sill-context-meter .fit=${fit} .contextLength=${talker.contextLength} .passageTokens=${passageTokens}></sill-context-meter>
                  <sill-chat-composer
                    .draft=${this.draft}
                    ?running=${this.#run !== undefined}
                    ?disabled=${isMute}
                    @sill-say=${this.#onSay}
                    @sill-stop=${() => this.store.streaming.stop()}
                    @sill-edit-last=${this.#onEditLast}
                  >
                    ${
                      this.locked || isMute
                        ? nothing
                        : html`<sill-chat-about
                            slot="about"
                            .files=${files}
                            ?documents=${documents}
                            ?long=${!hasRoom}
                            .refused=${this.#attaching.refused(head.id)}
                            @sill-detach=${({ detail }: CustomEvent<string>) => this.#detach(head.id, detail)}
                            @sill-documents=${this.#onDocuments}
                          ></sill-chat-about>
                          <sill-chat-attach ?documents=${documents} @sill-files=${({ detail }: CustomEvent<readonly File[]>) => this.#attach(detail)} @sill-documents=${this.#onDocuments}></sill-chat-attach>`
                    }
                    <sill-model-picker compact .models=${this.talkers.map(asChoice)} value=${talker.id} @sill-model=${this.#onModel}></sill-model-picker>
                  </sill-chat-composer>
                `
              : html`<sill-model-needed task=${TALKING} icon="chat" .suits=${mayTalk}><sill-chat-ways slot="none"></sill-chat-ways></sill-model-needed>`
          }
        </div>
      </div>
    `;
  }

  #welcome(talker: Talker | undefined) {
    return html`
      <div class="welcome">
        <wa-icon name="chat"></wa-icon>
        <h2>${msg('What is on your mind?')}</h2>
        ${talker?.elsewhere === undefined ? html`<p>${msg('A model on this device answers. Nothing that you write leaves it.')}</p>` : nothing}
      </div>
    `;
  }

  #ways(talker: Talker) {
    return html`<sill-chat-ways .base=${talker} .other=${this.talkers.find(mayTalk)} @sill-model=${this.#onModel}></sill-chat-ways>`;
  }

  #cut() {
    return html`<li class="cut"><span>${msg('What stands above did not fit into the context: the model did not see it.')}</span></li>`;
  }

  #gone() {
    return html`
      <div class="bar" role="alert">
        <span>${msg('This conversation was deleted in another tab.')}</span>
        <wa-button size="s" appearance="outlined" @click=${() => this.store.collection.keep()}>${msg('Keep it')}</wa-button>
      </div>
    `;
  }

  #message(message: Message) {
    const { tree } = this.store.sight;
    const branches = tree.siblings(message);
    const question = message.answer ? tree.get(message.parent ?? '') : undefined;
    return html`
      <sill-chat-message
        .message=${message}
        .given=${question?.given && message.answer?.given ? asGiven(question.given, message.answer.given.pieces) : undefined}
        .about=${message.sources ? filesOf(tree.pathTo(message.id)).flatMap(({ id, name }) => (message.sources?.files.includes(id) ? [name] : [])) : []}
        .contextLength=${this.talkers.find(({ id }) => id === message.answer?.model)?.contextLength}
        .looking=${this.#run?.message.id === message.id ? this.#run.looking : undefined}
        .branch=${branches.indexOf(message)}
        .branches=${branches.length}
        ?writing=${this.store.streaming.isWriting(message)}
        ?busy=${this.#run !== undefined}
        ?locked=${this.locked}
        @sill-edit=${(event: CustomEvent<string>) => this.#edit(message, event.detail)}
        @sill-again=${() => this.#again(message)}
        @sill-go-on=${() => this.store.saying.goOn(message, this.#talker?.contextLength)}
        @sill-branch=${(event: CustomEvent<number>) => this.#branch(branches[branches.indexOf(message) + event.detail])}
        @sill-template=${(event: Event) => this.#template(event, message)}
        @sill-left=${() => this.focus()}
      ></sill-chat-message>
    `;
  }

  async #onSay(event: CustomEvent<string>): Promise<void> {
    const talker = this.#talker;
    if (!talker) return;
    const { head, path } = this.store.sight;
    const about = head && !this.locked ? this.#attaching.about(head.id, path) : {};
    this.emit('sill-draft', '');
    await this.#ready(talker);
    this.#isFollowing = true;
    await this.store.saying.say(event.detail, talker.contextLength, about);
    if (head && !this.store.error) this.#attaching.sent(head.id);
    document.documentElement.scrollTo({ top: document.documentElement.scrollHeight });
    // What could not be stored was not said.
    if (this.store.error && !this.draft) this.emit('sill-draft', event.detail);
  }

  async #edit(message: Message, text: string): Promise<void> {
    const talker = this.#talker;
    if (!talker) return;
    this.focus();
    await this.#ready(talker);
    await this.store.saying.edit(message, text, talker.contextLength);
  }

  async #again(message: Message): Promise<void> {
    const talker = this.#talker;
    if (!talker) return;
    this.focus();
    await this.#ready(talker);
    await (message.role === 'user'
      ? this.store.saying.edit(message, message.text, talker.contextLength)
      : this.store.saying.again(message, talker.contextLength));
  }

  /** Where the conversation's own model is gone, it is the one that answers from now on. */
  async #ready({ id }: Talker): Promise<void> {
    if (this.store.sight.head?.model !== id) await this.store.set({ model: id });
  }

  #branch(to: Message | undefined): void {
    if (to) void this.store.show(to.id);
  }

  #template(event: Event, { answer }: Message): void {
    event.stopPropagation();
    this.dispatchEvent(new CustomEvent('sill-template', { detail: answer?.model }));
  }

  #onEditLast(): void {
    const last = this.store.sight.path.findLast(({ role }) => role === 'user');
    const elements = this.renderRoot.querySelectorAll<SillChatMessage>('sill-chat-message');
    void [...elements].find(({ message }) => message.id === last?.id)?.edit();
  }

  #onModel(event: CustomEvent<string>): void {
    // The next conversation begins with it.
    writePreference('chat.model', event.detail);
    void this.store.set({ model: event.detail });
  }

  #onDocuments({ detail }: CustomEvent<boolean>): void {
    this.#attaching.setDocuments(this.store.sight.head?.id ?? '', detail);
    if (!detail) this.focus();
  }

  /** Its button is gone with it. */
  #detach(conversation: string, id: string): void {
    this.#attaching.remove(conversation, id);
    this.focus();
  }

  #attach(files: readonly File[]): void {
    void this.#attaching.add(this.store.sight.head?.id ?? '', files);
  }

  #onSystem(event: CustomEvent<string>): void {
    void this.store.set({ system: event.detail });
  }

  #onParameters(event: CustomEvent<Parameters | undefined>): void {
    void this.store.setParameters(event.detail);
  }
}

const asChoice = (talker: Talker) => (mayTalk(talker) ? talker : { id: talker.id, name: msg(str`${talker.name} (no conversations)`) });

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-talk': SillChatTalk;
  }
}
