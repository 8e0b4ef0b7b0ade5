import { msg, str } from '@lit/localize';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import { styleMap } from 'lit/directives/style-map.js';
import { SillElement } from '../element.ts';
import { formatDate, formatNumber, plural } from '../format.ts';
import { routeHref } from '../routes.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import type { Found } from './texts.ts';

/** Of each row, so that the place of any of them is known without drawing it: docs/decisions/0046. */
const ROW_PX = 56;
/** Drawn beyond those in sight, so that a quick scroll meets rows. */
const BEYOND = 8;

/**
 * All conversations, newest first, or those that were searched for. Of a thousand only those in sight are in the page.
 *
 * @fires sill-query with the text as detail
 * @fires sill-remove-several with the ids of the chosen as detail
 * @fires sill-chosen choosing has ended
 */
@customElement('sill-chat-list')
export class SillChatList extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .stack {
        gap: var(--sill-space-8);
      }
      .scroll {
        max-height: calc(100dvh - 15rem);
        min-height: 8rem;
        overflow: auto;
        contain: content;
        margin-inline: calc(-1 * var(--sill-space-4));
        padding-inline: var(--sill-space-4);
      }
      li :is(a, label) {
        display: grid;
        align-content: center;
        height: 54px;
        padding: 0 var(--sill-space-12);
        border-radius: var(--wa-border-radius-m);
        color: inherit;
        text-decoration: none;
      }
      li label {
        grid-template-columns: auto minmax(0, 1fr);
        column-gap: var(--sill-space-12);
        align-items: center;
        cursor: pointer;
      }
      li label .lines {
        display: grid;
      }
      .line wa-icon {
        margin-inline-end: var(--sill-space-6);
        font-size: var(--wa-font-size-xs);
        color: var(--sill-accent);
      }
      li {
        height: 56px;
        padding: 1px 0;
      }
      li.space {
        height: auto;
        padding: 0;
      }
      :is(a, label):hover {
        background: var(--wa-color-neutral-fill-quiet);
      }
      a[aria-current='true'] {
        background: var(--sill-mark);
        font-weight: 600;
      }
      .line {
        overflow: hidden;
        white-space: nowrap;
        text-overflow: ellipsis;
      }
      .below {
        font-size: var(--wa-font-size-s);
        font-weight: 400;
        color: var(--wa-color-text-quiet);
      }
      :focus-visible {
        outline-offset: -2px;
      }
      @media (forced-colors: active) {
        a[aria-current='true'] {
          outline: 2px solid;
        }
      }
    `,
  ];

  @property({ attribute: false }) found: readonly Found[] = [];
  /** How many there are in all. */
  @property({ type: Number }) count = 0;
  @property() current = '';
  @property() query = '';
  /** What was said is still being read: titles alone are searched. */
  @property({ type: Boolean }) reading = false;
  /** Rows are chosen, not opened. */
  @property({ type: Boolean }) choosing = false;
  @state() private chosen: ReadonlySet<string> = new Set();
  @state() private first = 0;
  @state() private shown = 16;
  @query('.scroll') private scroller!: HTMLElement | null;
  readonly #size = new ResizeObserver(() => this.#measure());

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('choosing')) this.chosen = new Set();
  }

  protected override firstUpdated(): void {
    if (this.scroller) this.#size.observe(this.scroller);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#size.disconnect();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.scroller) this.#size.observe(this.scroller);
  }

  override render() {
    const { found } = this;
    const first = Math.max(0, Math.min(this.first - BEYOND, found.length - this.shown));
    const last = Math.min(found.length, this.first + this.shown + BEYOND);
    return html`
      <div class="stack">
        <input data-view-search type="search" aria-label=${msg('Search conversations')} placeholder=${msg('Search')} .value=${this.query} @input=${this.#onQuery} />
        <p class="small quiet" role="status">${this.choosing ? this.#chosenWords() : this.#countWords()}</p>
        ${this.choosing ? this.#choice() : nothing}
        <div class="scroll" @scroll=${this.#onScroll} @keydown=${this.#onKeydown}>
          <ul aria-label=${msg('Conversations')}>
            ${this.#space(first)}
            ${repeat(
              found.slice(first, last),
              ({ head }) => head.id,
              (each, i) => this.#row(each, first + i),
            )}
            ${this.#space(found.length - last)}
          </ul>
        </div>
      </div>
    `;
  }

  #row({ head: { id, title, updatedAtMs, pinned = false }, excerpt }: Found, index: number) {
    const lines = html`
      <span class="line">${pinned ? html`<wa-icon name="pin" label=${msg('Pinned')}></wa-icon>` : nothing}${title || msg('Without a title')}</span>
      <span class="line below">${excerpt?.() ?? formatDate(updatedAtMs)}</span>
    `;
    return html`
      <li aria-setsize=${this.found.length} aria-posinset=${index + 1}>
        ${
          this.choosing
            ? html`<label><input type="checkbox" .checked=${live(this.chosen.has(id))} @change=${() => this.#choose(id)} /><span class="lines">${lines}</span></label>`
            : html`<a href=${routeHref('chat', { conversation: id })} aria-current=${id === this.current}>${lines}</a>`
        }
      </li>
    `;
  }

  /** What is done with the chosen. */
  #choice() {
    return html`
      <div class="row">
        <wa-button size="s" variant="danger" appearance="outlined" ?disabled=${this.chosen.size === 0} @click=${this.#remove}>${msg('Delete the chosen')}</wa-button>
        <wa-button size="s" appearance="plain" @click=${() => this.emit('sill-chosen')}>${msg('Done')}</wa-button>
      </div>
    `;
  }

  #choose(id: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.chosen = chosen;
  }

  #remove(): void {
    const ids = [...this.chosen];
    this.chosen = new Set();
    this.emit('sill-remove-several', ids);
  }

  #chosenWords(): string {
    return msg(str`${formatNumber(this.chosen.size)} of ${formatNumber(this.count)} chosen`);
  }

  #space(rows: number) {
    return rows > 0 ? html`<li class="space" aria-hidden="true" style=${styleMap({ height: `${rows * ROW_PX}px` })}></li>` : nothing;
  }

  #countWords(): string {
    if (this.count === 0) return msg('What you say here is kept on this device alone.');
    if (this.query.trim() === '') return plural(this.count, msg('1 conversation'), msg(str`${formatNumber(this.count)} conversations`));
    const found = msg(str`${formatNumber(this.found.length)} of ${formatNumber(this.count)}`);
    return this.reading ? msg(str`${found}, reading what was said…`) : found;
  }

  #onQuery(event: Event): void {
    this.first = 0;
    this.scroller?.scrollTo({ top: 0 });
    this.emit('sill-query', (event.target as HTMLInputElement).value);
  }

  #onScroll(): void {
    const first = Math.floor((this.scroller?.scrollTop ?? 0) / ROW_PX);
    // Half of what is drawn beyond is still there.
    if (Math.abs(first - this.first) >= BEYOND / 2 || first === 0) this.first = first;
  }

  /** Arrows go from row to row, as in a list of mails. */
  #onKeydown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const link = event.target;
    if (step === undefined || !(link instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    let row = step === 1 ? link.parentElement?.nextElementSibling : link.parentElement?.previousElementSibling;
    if (row?.classList.contains('space')) row = undefined;
    const next = row?.querySelector('a');
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  }

  #measure(): void {
    const rows = Math.ceil((this.scroller?.clientHeight ?? 0) / ROW_PX);
    if (rows > 0) this.shown = Math.max(rows, 16);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-list': SillChatList;
  }
}
