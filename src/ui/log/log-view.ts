import '../elements/error-note.ts';
import './log-event.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import { type SillError, toSillError } from '../../core/errors.ts';
import { LOG_LEVELS, type LogEvent, searchLog } from '../../core/log.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { saveFile } from '../elements/saveFile.ts';
import { VirtualRows } from '../elements/virtual-rows.ts';
import { formatMoment, formatNumber, plural } from '../format.ts';
import { OwnStore } from '../own-store.ts';
import { RouteParams } from '../route-params.ts';
import { fields } from '../styles/fields.ts';
import { longTable } from '../styles/long-table.ts';
import { marks } from '../styles/marks.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';
import { LogStore } from './log-store.ts';
import { eventWords, levelWords, subjectWords } from './log-words.ts';

const LEVEL_MARKS = { debug: '', info: '', warning: 'warn', error: 'bad' } as const;

/** What happened on this device, newest first. */
@customElement('sill-log-view')
export class SillLogView extends SillElement {
  static override styles = [
    shared,
    viewStyles,
    fields,
    marks,
    longTable,
    css`
      .tools .level {
        flex: 0 1 12rem;
      }
      .time {
        width: 13rem;
      }
      .level {
        width: 7.5rem;
      }
      .subject {
        width: 8rem;
      }
      .model {
        width: 11rem;
      }
      .happened button {
        max-width: 100%;
        height: 100%;
        overflow: hidden;
        text-overflow: ellipsis;
        vertical-align: middle;
        text-align: start;
        color: inherit;
        text-decoration-color: var(--wa-color-neutral-border-normal);
      }
      .happened .mark {
        display: none;
      }
      @media (max-width: 50rem) {
        :is(th, td):is(.subject, .model, .level) {
          display: none;
        }
        .time {
          width: 7.5rem;
        }
        .happened button {
          display: -webkit-box;
          height: auto;
          max-height: 2.6em;
          -webkit-box-orient: vertical;
          -webkit-line-clamp: 2;
          white-space: normal;
          line-height: 1.3;
        }
        .happened:has(.mark) {
          display: flex;
          align-items: center;
          gap: var(--sill-space-8);
        }
        .happened .mark {
          display: inline-block;
        }
        /* Never more than two lines: all rows have one height. */
        .time span {
          display: block;
          max-height: 2.4em;
          overflow: hidden;
          white-space: normal;
          line-height: 1.2;
          font-size: var(--wa-font-size-xs);
        }
      }
    `,
  ];

  @property({ type: Boolean, reflect: true }) override hidden = false;
  @state() private failure: SillError | undefined;
  @query('.scroll') private scroller!: HTMLElement | null;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #log = new OwnStore(this, (sill) => new LogStore(sill));
  readonly #params = new RouteParams(this, 'log');
  readonly #rows = new VirtualRows(this, () => this.scroller);
  #found: readonly LogEvent[] = [];
  #foundFor: unknown[] = [];
  #scrolledTo: string | undefined;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('hidden') && this.#log.store) this.#log.store.shown = !this.hidden;
    const asked = [this.#log.store?.events, this.#params.get('words'), this.#least];
    // A scroll draws rows again, and searches nothing.
    if (asked.every((each, i) => each === this.#foundFor[i])) return;
    this.#foundFor = asked;
    this.#found = searchLog(this.#log.store?.events ?? [], { words: this.#params.get('words') ?? '', least: this.#least }).reverse();
  }

  /** A link leads to its line. */
  protected override updated(): void {
    const wanted = this.#params.get('event');
    if (wanted === this.#scrolledTo || !this.#log.store?.events) return;
    this.#scrolledTo = wanted;
    const index = this.#found.findIndex(({ id }) => String(id) === wanted);
    if (index >= 0) this.#rows.toRow(index);
  }

  get #least() {
    return LOG_LEVELS.find((level) => level === this.#params.get('level')) ?? 'debug';
  }

  override render() {
    return html`
      ${viewHead('log')}
      ${this.#content()}
    `;
  }

  #content() {
    const { events, error } = this.#log.store ?? {};
    if (!events) {
      if (error) {
        return html`<sill-error .error=${error}>
          <wa-button size="s" appearance="outlined" @click=${() => this.#log.store?.refresh()}>${msg('Try again')}</wa-button>
        </sill-error>`;
      }
      return html`<p class="visually-hidden" role="status">${msg('Reading the log…')}</p><div class="ghost" aria-hidden="true"></div>`;
    }
    const shown = events.find(({ id }) => String(id) === this.#params.get('event'));
    return html`
      <div class="stack">
        ${this.failure ? html`<sill-error .error=${this.failure.toData()}></sill-error>` : nothing}
        ${this.#tools(events.length)}
        ${shown ? html`<sill-log-event .event=${shown} @sill-close=${() => this.#show('')}></sill-log-event>` : this.#gone()}
        ${this.#found.length > 0 ? this.#table() : html`<p class="card quiet">${events.length === 0 ? msg('Nothing has happened yet.') : msg('No entry matches these filters.')}</p>`}
      </div>
    `;
  }

  /** A link to a line that was dropped since. */
  #gone() {
    if (!this.#params.get('event')) return nothing;
    return html`<p class="card quiet" role="status">${msg('The line that this address leads to is no longer kept.')}</p>`;
  }

  #tools(count: number) {
    return html`
      <div class="tools">
        <div class="field">
          <label for="words">${msg('Search')}</label>
          <input id="words" data-view-search type="text" .value=${this.#params.get('words') ?? ''} placeholder=${msg('Words, a code or a model')} @input=${this.#onWords} />
        </div>
        <div class="field level">
          <label for="least">${msg('Show')}</label>
          <select id="least" @change=${this.#onLevel}>
            ${LOG_LEVELS.map(
              (level) =>
                html`<option value=${level} .selected=${live(level === this.#least)}>${
                  {
                    debug: msg('Everything'),
                    info: msg('Without details'),
                    warning: msg('Warnings and errors'),
                    error: msg('Errors only'),
                  }[level]
                }</option>`,
            )}
          </select>
        </div>
        <wa-button size="s" appearance="outlined" ?disabled=${count === 0} @click=${this.#export}>
          <wa-icon slot="start" name="download"></wa-icon>${msg('Export as JSON lines')}
        </wa-button>
        <p class="small quiet figures" role="status">${plural(this.#found.length, msg('1 line'), msg(str`${formatNumber(this.#found.length)} lines`))}</p>
      </div>
    `;
  }

  #table() {
    const { first, last } = this.#rows.window(this.#found.length);
    return html`
      <div class="scroll" tabindex="0" role="group" aria-label=${msg('Lines of the log')} @scroll=${this.#rows.onScroll}>
        <table aria-label=${msg('What happened')} aria-rowcount=${this.#found.length + 1}>
          <thead>
            <tr aria-rowindex="1">
              <th scope="col" class="time">${msg('When')}</th>
              <th scope="col" class="level">${msg('Level')}</th>
              <th scope="col" class="subject">${msg('About')}</th>
              <th scope="col" class="model">${msg('Model')}</th>
              <th scope="col">${msg('What happened')}</th>
            </tr>
          </thead>
          <tbody>
            ${this.#rows.space(first)} ${repeat(
              this.#found.slice(first, last),
              ({ id }) => id,
              (event, i) => this.#row(event, first + i),
            )}
            ${this.#rows.space(this.#found.length - last)}
          </tbody>
        </table>
      </div>
    `;
  }

  #row(event: LogEvent, index: number) {
    const { id, atMs, level, subject, code, model } = event;
    const isShown = String(id) === this.#params.get('event');
    return html`
      <tr class=${isShown ? 'current' : ''} aria-rowindex=${index + 2}>
        <td class="time"><span>${formatMoment(atMs)}</span></td>
        <td class="level"><span class="mark ${LEVEL_MARKS[level]}">${levelWords(level)}</span></td>
        <td class="subject">${subjectWords(subject)}</td>
        <td class="model code">${model ?? ''}</td>
        <td class="happened">
          ${LEVEL_MARKS[level] ? html`<span class="mark ${LEVEL_MARKS[level]}">${levelWords(level)}</span>` : nothing}
          <button class="link" aria-expanded=${isShown} @click=${() => this.#show(isShown ? '' : String(id))}>${eventWords(code)}</button>
        </td>
      </tr>
    `;
  }

  #show(id: string): void {
    // It is in sight already: the person has just pressed it.
    this.#scrolledTo = id || undefined;
    if (id) this.#params.open({ event: id });
    else this.#params.set({ event: '' });
  }

  #onWords(event: Event): void {
    this.#params.set({ words: (event.target as HTMLInputElement).value });
    this.#rows.toRow(0);
  }

  #onLevel(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.#params.set({ level: value === 'debug' ? '' : value });
    this.#rows.toRow(0);
  }

  async #export(): Promise<void> {
    try {
      const file = await this.#sill.value?.log.export();
      if (file) saveFile('sill-log.jsonl', file);
      this.failure = undefined;
    } catch (reason) {
      this.failure = toSillError(reason);
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-log-view': SillLogView;
  }
}
