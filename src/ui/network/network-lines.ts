import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { NetworkLine } from '../../core/network.ts';
import { folded, hasWords, wordsOf } from '../../core/words.ts';
import { SillElement } from '../element.ts';
import { FoundRows } from '../elements/found-rows.ts';
import { VirtualRows } from '../elements/virtual-rows.ts';
import { formatBytes, formatMoment, formatNumber, plural } from '../format.ts';
import { RouteParams } from '../route-params.ts';
import { fields } from '../styles/fields.ts';
import { longTable } from '../styles/long-table.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { fromWords, purposeWords, realmWords, throughWords } from './network-words.ts';

const WAYS = ['all', 'network', 'elsewhere'] as const;

/** Requests, newest first. */
@customElement('sill-network-lines')
export class SillNetworkLines extends SillElement {
  static override styles = [
    shared,
    fields,
    marks,
    longTable,
    css`
      .tools {
        margin-bottom: var(--sill-space-12);
      }
      table {
        min-width: 56rem;
      }
      .time {
        width: 13.75rem;
      }
      .from {
        width: 7.5rem;
      }
      .number {
        width: 5.5rem;
      }
      .for {
        width: 15rem;
      }
      .for span {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        font-size: var(--wa-font-size-s);
        line-height: 1.3;
      }
      .from .mark {
        font-size: var(--wa-font-size-xs);
      }
      .two {
        display: contents;
      }
      @media (max-width: 50rem) {
        table {
          min-width: 0;
        }
        :is(th, td):is(.number, .for) {
          display: none;
        }
        .time {
          width: 7.5rem;
        }
        .from {
          width: 6rem;
        }
        thead th {
          white-space: normal;
          overflow-wrap: anywhere;
          line-height: 1.25;
        }
        td.from {
          white-space: normal;
          line-height: 1.25;
          font-size: var(--wa-font-size-xs);
        }
        /* Never more than two lines: all rows have one height. */
        .two {
          display: -webkit-box;
          max-height: 2.5em;
          overflow: hidden;
          -webkit-box-orient: vertical;
          -webkit-line-clamp: 2;
          white-space: normal;
          overflow-wrap: anywhere;
          line-height: 1.25;
          font-size: var(--wa-font-size-xs);
        }
      }
    `,
  ];

  /** Newest first. */
  @property({ attribute: false }) lines: readonly NetworkLine[] = [];
  @property({ attribute: false }) ownOrigin = '';
  @query('.scroll') private scroller!: HTMLElement | null;
  readonly #params = new RouteParams(this, 'network');
  readonly #rows = new VirtualRows(this, () => this.scroller);
  readonly #found = new FoundRows<NetworkLine>();

  get #words(): string {
    return this.#params.get('words') ?? '';
  }

  get #way(): (typeof WAYS)[number] {
    return WAYS.find((way) => way === this.#params.get('way')) ?? 'all';
  }

  protected override willUpdate(): void {
    const way = this.#way;
    const wanted = wordsOf(this.#words);
    this.#found.find(this.lines, [this.#words, way, this.ownOrigin], (line) => {
      if (way === 'network' && line.from === 'device') return false;
      if (way === 'elsewhere' && line.origin === this.ownOrigin) return false;
      return wanted.length === 0 || hasWords(folded(`${line.method} ${line.origin}${line.path} ${line.purpose} ${line.realm}`), wanted);
    });
  }

  override render() {
    const found = this.#found.rows;
    const { first, last } = this.#rows.window(found.length);
    return html`
      <div class="tools">
        <div class="field">
          <label for="words">${msg('Search')}</label>
          <input id="words" data-view-search type="text" .value=${this.#words} placeholder=${msg('Part of an address')} @input=${this.#onWords} />
        </div>
        <div class="field">
          <label for="way">${msg('Show')}</label>
          <select id="way" @change=${this.#onWay}>
            ${WAYS.map(
              (way) =>
                html`<option value=${way} .selected=${live(way === this.#way)}>${
                  { all: msg('All requests'), network: msg('Those that touched the network'), elsewhere: msg('Those to other sites') }[way]
                }</option>`,
            )}
          </select>
        </div>
        <p class="small quiet figures" role="status">${plural(found.length, msg('1 request'), msg(str`${formatNumber(found.length)} requests`))}</p>
      </div>
      ${
        found.length === 0
          ? html`<p class="card quiet">${msg('No request matches these filters.')}</p>`
          : html`
              <div class="scroll" tabindex="0" role="group" aria-label=${msg('Requests')} @scroll=${this.#rows.onScroll}>
                <table aria-label=${msg('Requests of this app')} aria-rowcount=${found.length + 1}>
                  <thead>
                    <tr aria-rowindex="1">
                      <th scope="col" class="time">${msg('When')}</th>
                      <th scope="col">${msg('Address')}</th>
                      <th scope="col" class="from">${msg('From')}</th>
                      <th scope="col" class="number">${msg('Sent')}</th>
                      <th scope="col" class="number">${msg('Received')}</th>
                      <th scope="col" class="for">${msg('For what, and by whom')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    ${this.#rows.space(first)} ${repeat(
                      found.slice(first, last),
                      (line) => line,
                      (line, i) => this.#row(line, first + i),
                    )}
                    ${this.#rows.space(found.length - last)}
                  </tbody>
                </table>
              </div>
            `
      }
    `;
  }

  #row(line: NetworkLine, index: number) {
    const { atMs, method, origin, path, from, sentBytes, receivedBytes, purpose, realm, through, status } = line;
    const address = origin === this.ownOrigin ? path : `${origin}${path}`;
    return html`
      <tr aria-rowindex=${index + 2}>
        <td class="time"><span class="two">${formatMoment(atMs)}</span></td>
        <td class="code" title=${address}><span class="two">${method === 'GET' ? nothing : `${method} `}${address}</span></td>
        <td class="from">
          ${from === 'network' || from === 'device' || from === 'unclear' ? fromWords(from) : html`<span class="mark warn">${fromWords(from)}</span>`}
          ${status !== undefined && status >= 400 ? html`<span class="mark bad">${status}</span>` : nothing}
        </td>
        <td class="number">${sentBytes > 0 ? formatBytes(sentBytes) : '–'}</td>
        <td class="number">${from === 'device' ? '–' : receivedBytes === undefined ? msg('unknown') : formatBytes(receivedBytes)}</td>
        <td class="for" title=${`${purposeWords(purpose)}, ${realmWords(realm)}: ${throughWords(through)}`}>
          <span>${purposeWords(purpose)}, ${realmWords(realm)}</span><span class="quiet">${throughWords(through)}</span>
        </td>
      </tr>
    `;
  }

  #onWords(event: Event): void {
    this.#params.set({ words: (event.target as HTMLInputElement).value });
    this.#rows.toRow(0);
  }

  #onWay(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.#params.set({ way: value === 'all' ? '' : value });
    this.#rows.toRow(0);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-network-lines': SillNetworkLines;
  }
}
