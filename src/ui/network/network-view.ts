import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import './network-lines.ts';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type SillError, toSillError } from '../../core/errors.ts';
import { type OriginTotal, verdictOf } from '../../core/network.ts';
import type { NetworkReport } from '../../protocol/log.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { saveFile } from '../elements/saveFile.ts';
import { formatBytes, formatDate, formatList, formatNumber, plural } from '../format.ts';
import { figureTable } from '../styles/figures.ts';
import { marks } from '../styles/marks.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';

/** What the app asked the network for, so that its owner can check that nothing leaves the device. */
@customElement('sill-network-view')
export class SillNetworkView extends SillElement {
  static override styles = [
    shared,
    viewStyles,
    marks,
    figureTable,
    css`
      .verdict {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--sill-space-14);
        align-items: start;
      }
      .verdict wa-icon {
        margin-top: var(--sill-space-2);
        font-size: var(--sill-icon-xl);
        color: var(--sill-accent);
      }
      .verdict.warn wa-icon {
        color: var(--wa-color-warning-on-quiet);
      }
      .verdict h2 {
        overflow-wrap: anywhere;
      }
      .totals {
        overflow-x: auto;
      }
      table {
        width: 100%;
      }
      th,
      td {
        white-space: nowrap;
        border-bottom: 1px solid var(--wa-color-surface-border);
      }
      :is(th, td).number {
        text-align: end;
      }
      tbody th {
        font-weight: 600;
      }
      tr:last-child > * {
        border-bottom: 0;
      }
      /* On a phone each figure stands under the other, with its name. */
      @media (max-width: 50rem) {
        .totals {
          position: relative;
        }
        thead {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
        tbody tr {
          display: grid;
          grid-template-columns: auto minmax(0, 1fr);
          gap: var(--sill-space-4) var(--sill-space-16);
          padding: var(--sill-space-8) 0;
          border-bottom: 1px solid var(--wa-color-surface-border);
        }
        tbody tr:last-child {
          border-bottom: 0;
        }
        tbody :is(th, td) {
          border: 0;
          padding: 0;
        }
        tbody th {
          grid-column: 1 / -1;
          white-space: normal;
          overflow-wrap: anywhere;
        }
        tbody :is(td, td.number) {
          display: grid;
          grid-template-columns: subgrid;
          grid-column: 1 / -1;
          text-align: start;
        }
        td::before {
          content: attr(data-name);
          color: var(--wa-color-text-quiet);
        }
      }
    `,
  ];

  @property({ type: Boolean, reflect: true }) override hidden = false;
  @state() private report: NetworkReport | undefined;
  @state() private error: SillError | undefined;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });

  protected override updated(changed: PropertyValues<this>): void {
    // Read when it comes into sight: what looks at the list would otherwise add to it without end.
    if (changed.has('hidden') && !this.hidden) void this.#read();
  }

  override render() {
    return html`
      ${viewHead('network')}
      ${this.#content()}
    `;
  }

  #content() {
    const { report } = this;
    if (!report) {
      return this.error
        ? html`<sill-error .error=${this.error.toData()}>
            <wa-button size="s" appearance="outlined" @click=${this.#read}>${msg('Try again')}</wa-button>
          </sill-error>`
        : html`<p class="visually-hidden" role="status">${msg('Reading the list of requests…')}</p><div class="ghost" aria-hidden="true"></div>`;
    }
    return html`
      <div class="sections">
        ${this.#verdict(report)}
        ${report.totals.length > 0 ? this.#totals(report) : nothing}
        <section class="stack" aria-labelledby="requests">
          <div class="row spread">
            <h2 id="requests">${msg('Requests')}</h2>
            <div class="row">
              <wa-button size="s" appearance="outlined" @click=${this.#read}><wa-icon slot="start" name="refresh"></wa-icon>${msg('Read again')}</wa-button>
              <wa-button size="s" appearance="outlined" @click=${this.#export}>
                <wa-icon slot="start" name="download"></wa-icon>${msg('Export as JSON lines')}
              </wa-button>
            </div>
          </div>
          <sill-network-lines .lines=${report.lines} .ownOrigin=${report.ownOrigin}></sill-network-lines>
        </section>
        ${this.#how()}
      </div>
    `;
  }

  #verdict({ totals, lines, ownOrigin, sinceMs }: NetworkReport) {
    const { own, others, unexplained } = verdictOf(totals, lines, ownOrigin);
    if (sinceMs === undefined) return html`<p class="card quiet">${msg('No request was written down yet.')}</p>`;
    const since = formatDate(sinceMs);
    const isQuiet = others.length === 0 && unexplained.length === 0;
    const { requests = 0, receivedBytes = 0, sentBytes = 0 } = own ?? {};
    const [received, sent] = [formatBytes(receivedBytes), formatBytes(sentBytes)];
    return html`
      <section class="card verdict ${isQuiet ? '' : 'warn'}" aria-label=${msg('What left this device')}>
        <wa-icon name=${isQuiet ? 'lock' : 'globe'}></wa-icon>
        <div class="stack">
          <h2>
            ${
              isQuiet
                ? msg(str`Since ${since} everything came from this site. Nothing was sent anywhere else.`)
                : msg(
                    str`Since ${since} this app also asked ${formatList([...new Set([...others, ...unexplained].map(({ origin }) => origin))])}.`,
                  )
            }
          </h2>
          <p class="figures">
            ${plural(
              requests,
              msg(str`This site, ${ownOrigin}: 1 request over the network, ${received} received, ${sent} sent.`),
              msg(str`This site, ${ownOrigin}: ${formatNumber(requests)} requests over the network, ${received} received, ${sent} sent.`),
            )}
          </p>
          ${
            others.length > 0
              ? html`<p>${msg(str`Elsewhere ${formatBytes(others.reduce((sum, { sentBytes }) => sum + sentBytes, 0))} were sent. Only what the operator names in the policy of this site can be asked; the browser refuses the rest.`)}</p>`
              : nothing
          }
          ${
            unexplained.length > 0
              ? html`<p class="note bad" role="alert">
                  <wa-icon name="warning"></wa-icon>
                  <span>${plural(unexplained.length, msg('1 request to another site was made by something that is not this app, such as an extension of the browser.'), msg(str`${formatNumber(unexplained.length)} requests to other sites were made by something that is not this app, such as an extension of the browser.`))}</span>
                </p>`
              : nothing
          }
        </div>
      </section>
    `;
  }

  #totals({ totals, ownOrigin }: NetworkReport) {
    const ordered = [...totals].sort((a, b) => Number(b.origin === ownOrigin) - Number(a.origin === ownOrigin) || b.requests - a.requests);
    return html`
      <section class="stack" aria-labelledby="totals">
        <h2 id="totals">${msg('By origin')}</h2>
        <div class="card totals" tabindex="0" role="group" aria-labelledby="totals">
          <table>
            <thead>
              <tr>
                <th scope="col">${msg('Origin')}</th>
                <th scope="col" class="number">${msg('Requests')}</th>
                <th scope="col" class="number">${msg('Sent')}</th>
                <th scope="col" class="number">${msg('Received')}</th>
                <th scope="col">${msg('Last')}</th>
              </tr>
            </thead>
            <tbody>${ordered.map((total) => this.#total(total, ownOrigin))}</tbody>
          </table>
        </div>
      </section>
    `;
  }

  #total({ origin, requests, sentBytes, receivedBytes, lastAtMs }: OriginTotal, ownOrigin: string) {
    return html`
      <tr>
        <th scope="row">${origin} ${origin === ownOrigin ? html`<span class="mark">${msg('this site')}</span>` : nothing}</th>
        <td class="number" data-name=${msg('Requests')}>${formatNumber(requests)}</td>
        <td class="number" data-name=${msg('Sent')}>${formatBytes(sentBytes)}</td>
        <td class="number" data-name=${msg('Received')}>${formatBytes(receivedBytes)}</td>
        <td data-name=${msg('Last')}>${formatDate(lastAtMs)}</td>
      </tr>
    `;
  }

  #how() {
    return html`
      <details class="card">
        <summary>${msg('How this list comes about')}</summary>
        <div class="stack small">
          <p>${msg('Each part of the app asks the network by one door that writes the request down. What the browser loads for the app by itself, as scripts and pictures, comes from its own record of loaded resources. The service worker sees every request to another site a second time; one that no part of the app wrote down is shown as such.')}</p>
          <p>${msg('Bytes are those of the bodies, as they travelled, without headers. Addresses are kept without what follows a question mark. Of a page and of the script of a worker the browser does not tell whether they came over the network or from this device: they count as if they had.')}</p>
          <p>${msg('What a page cannot see is not listed: the browser itself asks this site for the file sw.js now and then, to look for a new version of the app.')}</p>
        </div>
      </details>
    `;
  }

  readonly #read = async (): Promise<void> => {
    try {
      this.report = await this.#sill.value?.network.list();
      this.error = undefined;
    } catch (reason) {
      this.error = toSillError(reason);
    }
  };

  #export(): void {
    const lines = [...(this.report?.lines ?? [])].reverse();
    const text = lines.map(({ atMs, ...line }) => `${JSON.stringify({ time: new Date(atMs).toISOString(), ...line })}\n`);
    saveFile('sill-network.jsonl', new Blob(text, { type: 'application/x-ndjson' }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-network-view': SillNetworkView;
  }
}
