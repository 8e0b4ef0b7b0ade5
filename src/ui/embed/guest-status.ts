import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { GuestSummary } from '../../protocol/guests.ts';
import type { Sill } from '../../protocol/sill.ts';
import { SillElement } from '../element.ts';
import { modelsWords, requestsWords, rightsWords, tokensWords } from '../embedding/guest-words.ts';
import { formatNumber } from '../format.ts';
import { embedStyles } from './embed.styles.ts';

/**
 * What the page around this frame may and what it used, told in the frame itself: in a partition of the browser's nobody else can, and consent that was given
 * there can be taken back nowhere else.
 */
@customElement('sill-guest-status')
export class SillGuestStatus extends SillElement {
  static override styles = [
    embedStyles,
    css`
      details[open] {
        display: grid;
        gap: 0.5em;
      }
      summary {
        cursor: pointer;
        padding: 0.35em 0;
      }
      p {
        overflow-wrap: anywhere;
      }
      dl {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: 0.25em 1em;
        margin: 0.5em 0;
        font-size: 0.9em;
      }
      dt {
        color: var(--sill-embed-quiet);
      }
      dd {
        margin: 0;
      }
      @media (max-width: 26rem) {
        dl {
          grid-template-columns: minmax(0, 1fr);
          gap: 0;
        }
        dd + dt {
          margin-top: 0.4em;
        }
      }
    `,
  ];

  @property({ attribute: false }) own!: Pick<Sill, 'guests'>;
  @property() origin = '';
  @state() private guest: GuestSummary | undefined;

  override render() {
    return html`
      <details @toggle=${this.#look}>
        <summary class="quiet">${msg('What this page may here')}</summary>
        ${this.guest ? this.#told(this.guest) : nothing}
      </details>
    `;
  }

  #told({ grant, by, requestsToday, tokensToday }: GuestSummary) {
    const line = (name: string, words: string) => html`<dt>${name}</dt><dd>${words}</dd>`;
    return html`
      <p>${this.origin}</p>
      <dl>
        ${
          grant
            ? html`
                ${line(msg('Models'), modelsWords(grant.models))} ${line(msg('May'), rightsWords(grant.rights))}
                ${line(msg('Requests'), requestsWords(grant.requestsPerMinute))}
                ${line(msg('Tokens, read and written'), tokensWords(grant.tokensPerDay))}
              `
            : nothing
        }
        ${line(msg('Used today'), msg(str`Requests: ${formatNumber(requestsToday)}. Tokens: ${formatNumber(tokensToday)}.`))}
      </dl>
      ${by === 'person' ? html`<button type="button" @click=${this.#withdraw}>${msg('Withdraw consent')}</button>` : nothing}
    `;
  }

  readonly #look = async (event: Event): Promise<void> => {
    if (!(event.target instanceof HTMLDetailsElement && event.target.open)) return;
    this.guest = (await this.own.guests.list()).guests.find(({ origin }) => origin === this.origin);
  };

  readonly #withdraw = async (): Promise<void> => {
    await this.own.guests.withdraw(this.origin);
    // The page is greeted anew, and the person asked anew.
    location.reload();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-guest-status': SillGuestStatus;
  }
}
