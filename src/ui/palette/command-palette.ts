import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import * as v from 'valibot';
import { byNewest, type Head } from '../../core/chat/conversation.ts';
import { Keeper } from '../chat/keeper.ts';
import { isComposing } from '../composing.ts';
import { noticesContext, sealingContext, sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { formatNumber, plural } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { ModelsController } from '../models-controller.ts';
import { readPreference, writePreference } from '../preferences.ts';
import { capStyles, caps } from '../shortcuts/key-caps.ts';
import { keyCaps } from '../shortcuts/shortcuts.ts';
import { shared } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';
import { paletteStyles } from './command-palette.styles.ts';
import { type Command, commandsOf, GROUPS, type Group, groupWords, isOfPage, type PageDeed } from './commands.ts';
import { perform } from './perform.ts';
import { type Ranked, rank } from './ranking.ts';

const RECENT = 'palette.recent';
const MOST_RECENT = 6;
/** Before anything is typed. */
const NEWEST_CONVERSATIONS = 20;
const PAGE = 8;

/**
 * Every view, every model and every action by its words: a dialog with a field and a list, after the combobox pattern of the ARIA practices. The
 * focus stays in the field; the list tells which option is current.
 *
 * @fires sill-deed with what the page around it is to do
 */
@customElement('sill-command-palette')
export class SillCommandPalette extends SillElement {
  static override styles = [shared, capStyles, paletteStyles];

  @state() private words = '';
  @state() private at = 0;
  @state() private conversations: readonly Head[] = [];
  @state() private recent: readonly string[] = [];
  @query('dialog') private dialog!: HTMLDialogElement | null;
  @query('input') private field!: HTMLInputElement;

  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #sealing = new ContextConsumer(this, { context: sealingContext, subscribe: true });
  readonly #notices = new ContextConsumer(this, { context: noticesContext });
  readonly #models = new ModelsController(this);
  readonly #updates = new UpdatesController(this);
  readonly #kiosk = new KioskController(this);
  #found: ReadonlyArray<Ranked<Command>> = [];

  get open(): boolean {
    return this.dialog?.open ?? false;
  }

  show(): void {
    if (!this.dialog || this.dialog.open) return;
    this.words = '';
    this.at = 0;
    this.recent = readPreference(RECENT, v.array(v.string()), []);
    this.dialog.showModal();
    this.field.focus();
    void this.#readConversations();
  }

  close(): void {
    this.dialog?.close();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!this.open) return;
    if (changed.has('words')) this.at = 0;
    const commands = commandsOf({
      models: this.#models.store?.list?.models ?? [],
      conversations: this.words.trim() === '' ? this.conversations.slice(0, NEWEST_CONVERSATIONS) : this.conversations,
      locked: this.#kiosk.locked,
      undoable: this.#notices.value?.lastOffer?.words(),
    });
    this.#found = rank(commands, this.words, this.recent);
    this.at = Math.max(0, Math.min(this.at, this.#found.length - 1));
  }

  protected override updated(): void {
    this.renderRoot.querySelector(`#option-${this.at}`)?.scrollIntoView({ block: 'nearest' });
  }

  override render() {
    const isFound = this.#found.length > 0;
    return html`
      <dialog aria-label=${msg('Command palette')} @click=${this.#onDialogClick} @keydown=${this.#onKeydown}>
        <div class="ask">
          <wa-icon name="search"></wa-icon>
          <input
            type="text"
            role="combobox"
            aria-label=${msg('Command, view or model')}
            aria-expanded="true"
            aria-controls="list"
            aria-autocomplete="list"
            aria-activedescendant=${isFound ? `option-${this.at}` : nothing}
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            enterkeyhint="go"
            placeholder=${msg('Where to, or what to do?')}
            .value=${this.words}
            @input=${this.#onInput}
          />
          <button class="close" aria-label=${msg('Close')} @click=${this.close}><wa-icon name="xmark"></wa-icon></button>
        </div>
        <div class="list" id="list" role="listbox" aria-label=${msg('Commands')} @click=${this.#onListClick}>
          ${this.words.trim() === '' ? this.#grouped() : this.#found.map((each, i) => this.#option(each, i))}
        </div>
        ${isFound ? nothing : html`<p class="none">${msg('Nothing is called so. Try another word, or fewer letters.')}</p>`}
        <p class="foot">
          <span>${caps([['↑', '↓']])} ${msg('choose')}</span> <span>${caps([[msg('Enter')]])} ${msg('do it')}</span>
          <span>${caps([[msg('Esc')]])} ${msg('close')}</span>
        </p>
        <p class="visually-hidden" role="status">${this.#countWords()}</p>
      </dialog>
    `;
  }

  /** With nothing typed: what was used of late, then all under their headings. */
  #grouped(): readonly TemplateResult[] {
    const isRecent = ({ id }: Command) => this.recent.includes(id);
    const groups: ReadonlyArray<{ name: Group | 'recent'; has: (command: Command) => boolean }> = [
      { name: 'recent', has: isRecent },
      ...GROUPS.map((name) => ({ name, has: (command: Command) => command.group === name && !isRecent(command) })),
    ];
    const parts = groups.map(({ name, has }) => ({ name, items: this.#found.filter(({ item }) => has(item)) }));
    // The keys walk through what is drawn, in that order.
    this.#found = parts.flatMap(({ items }) => items);
    return parts
      .filter(({ items }) => items.length > 0)
      .map(
        ({ name, items }) => html`
          <div role="group" aria-labelledby="group-${name}">
            <p class="group" id="group-${name}" role="presentation">${groupWords(name)}</p>
            ${repeat(
              items,
              ({ item }) => item.id,
              (each) => this.#option(each, this.#found.indexOf(each)),
            )}
          </div>
        `,
      );
  }

  #option({ item, marks }: Ranked<Command>, index: number): TemplateResult {
    const { label, icon, keys } = item;
    return html`
      <div class="option" role="option" id="option-${index}" data-at=${index} aria-selected=${index === this.at}>
        <wa-icon name=${icon}></wa-icon>
        <span class="label">${marks.size === 0 ? label : [...pieces(label, marks)].map(({ text, isMarked }) => (isMarked ? html`<b>${text}</b>` : text))}</span>
        ${keys ? caps(keyCaps(keys)) : nothing}
      </div>
    `;
  }

  #countWords(): string {
    if (this.words.trim() === '') return '';
    return plural(this.#found.length, msg('1 command'), msg(str`${formatNumber(this.#found.length)} commands`));
  }

  /** Titles of all that was said, the last first; none where a passphrase locks them: this is opened before whoever looks over the shoulder. */
  async #readConversations(): Promise<void> {
    const [sill, sealing] = [this.#sill.value, this.#sealing.value];
    if (!sill || !sealing) return;
    // What cannot be read is told in Chat.
    const heads = await new Keeper(sill.conversations, sealing).heads().catch(() => []);
    this.conversations = heads.map(({ head }) => head).sort(byNewest);
  }

  #onInput(): void {
    this.words = this.field.value;
  }

  #onKeydown(event: KeyboardEvent): void {
    if (isComposing(event)) return;
    const last = this.#found.length - 1;
    const to = {
      ArrowDown: this.at === last ? 0 : this.at + 1,
      ArrowUp: this.at === 0 ? last : this.at - 1,
      PageDown: Math.min(last, this.at + PAGE),
      PageUp: Math.max(0, this.at - PAGE),
    }[event.key];
    if (to !== undefined) this.at = Math.max(0, to);
    else if (event.key === 'Enter' && event.target === this.field) this.#do(this.at);
    // The same keys open and close it.
    else if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) this.close();
    else return;
    event.preventDefault();
  }

  #onListClick(event: Event): void {
    const option = event.composedPath().find((each) => each instanceof HTMLElement && each.dataset.at !== undefined);
    if (option instanceof HTMLElement) this.#do(Number(option.dataset.at));
  }

  /** Beside it. */
  #onDialogClick(event: Event): void {
    if (event.target === this.dialog) this.close();
  }

  #do(index: number): void {
    const command = this.#found[index]?.item;
    if (!command) return;
    writePreference(RECENT, [command.id, ...this.recent.filter((id) => id !== command.id)].slice(0, MOST_RECENT));
    // First: the focus returns to where it was, and whatever is done may then take it elsewhere.
    this.close();
    const { deed } = command;
    if (isOfPage(deed)) this.emit<PageDeed>('sill-deed', deed);
    else {
      void perform(deed, {
        ...{ sill: this.#sill.value, models: this.#models.store, updates: this.#updates.store, notices: this.#notices.value },
      });
    }
  }
}

/** A label in the parts that were typed, and those that were not. */
function* pieces(label: string, marks: ReadonlySet<number>): Iterable<{ readonly text: string; readonly isMarked: boolean }> {
  let from = 0;
  for (let i = 1; i <= label.length; i++) {
    if (i < label.length && marks.has(i) === marks.has(from)) continue;
    yield { text: label.slice(from, i), isMarked: marks.has(from) };
    from = i;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-command-palette': SillCommandPalette;
  }
}
