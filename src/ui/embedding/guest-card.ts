import './guest-narrowing.ts';
import '../elements/error-note.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import { siteOf } from '../../core/origin.ts';
import type { Grant, GuestSummary } from '../../protocol/guests.ts';
import { SillElement } from '../element.ts';
import { namedButton } from '../elements/named-button.ts';
import { Undo } from '../elements/undo.ts';
import { formatNumber } from '../format.ts';
import { facts } from '../styles/facts.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { track } from '../styles/track.ts';
import { modelsWords, requestsWords, rightsWords, stateWords, tokensWords } from './guest-words.ts';
import type { GuestsStore } from './guests-store.ts';

/** One page of another origin: what it may, what it used, and what can be taken from it here. */
@customElement('sill-guest-card')
export class SillGuestCard extends SillElement {
  static override styles = [
    shared,
    facts,
    marks,
    track,
    css`
      article {
        display: grid;
        gap: var(--sill-space-14);
      }
      h3 {
        overflow-wrap: anywhere;
      }
      .used {
        display: grid;
        gap: var(--sill-space-6);
        max-width: 24rem;
      }
    `,
  ];

  @property({ attribute: false }) guest!: GuestSummary;
  @property({ attribute: false }) store!: GuestsStore;
  readonly #undo = new Undo(this);
  @state() private narrowing = false;

  override render() {
    const { guest } = this;
    const { origin, state: standing, narrowed } = guest;
    const failure = this.store.failures.get(origin);
    return html`
      <article class="card" aria-label=${origin}>
        <div class="row">
          <h3>${origin}</h3>
          <span class="mark ${standing === 'granted' ? 'active' : 'bad'}">${stateWords(guest)}</span>
          ${narrowed && !narrowed.refused ? html`<span class="mark">${msg('Narrowed here')}</span>` : nothing}
        </div>
        ${guest.grant ? this.#grant(guest.grant) : nothing} ${failure ? html`<sill-error .error=${failure}></sill-error>` : nothing}
        ${this.#isElsewhere ? html`<p class="small quiet">${msg('It is of another site, and has a store of its own in most browsers: what it used there is told in its frame alone, and what you take from it here does not reach it there.')}</p>` : nothing}
        ${
          this.narrowing && guest.given
            ? html`<sill-guest-narrowing .guest=${guest} .store=${this.store} @sill-narrowed=${this.#close}></sill-guest-narrowing>`
            : this.#actions()
        }
      </article>
    `;
  }

  /** What was counted here was shared. */
  get #isElsewhere(): boolean {
    const { origin, requestsToday, tokensToday } = this.guest;
    return requestsToday + tokensToday === 0 && siteOf(origin, location.origin) === 'other';
  }

  #grant({ models, requestsPerMinute, tokensPerDay, rights }: Grant) {
    const { given, requestsToday, tokensToday } = this.guest;
    const was = (words: string, before: string | undefined) =>
      before === undefined || before === words ? nothing : html` <span class="quiet">${msg(str`(of: ${before})`)}</span>`;
    const line = (name: string, words: string, before: string | undefined) => html`<dt>${name}</dt><dd>${words}${was(words, before)}</dd>`;
    return html`
      <dl class="facts figures">
        ${line(msg('Models'), modelsWords(models), given && modelsWords(given.models))}
        ${line(msg('May'), rightsWords(rights), given && rightsWords(given.rights))}
        ${line(msg('Requests'), requestsWords(requestsPerMinute), given && requestsWords(given.requestsPerMinute))}
        ${line(msg('Tokens, read and written'), tokensWords(tokensPerDay), given && tokensWords(given.tokensPerDay))}
        <dt>${msg('Used today')}</dt>
        <dd class="used">
          <span>${this.#isElsewhere ? msg('nothing that is seen here') : msg(str`Requests: ${formatNumber(requestsToday)}. Tokens: ${formatNumber(tokensToday)}.`)}</span>
          ${
            tokensPerDay === undefined
              ? nothing
              : html`<div class="track" aria-hidden="true"><span style=${styleMap({ width: `${Math.min(100, (100 * tokensToday) / tokensPerDay)}%` })}></span></div>`
          }
        </dd>
      </dl>
    `;
  }

  #actions() {
    const { origin, by, given, narrowed } = this.guest;
    const { store } = this;
    return html`
      <div class="row">
        ${given && !narrowed?.refused ? namedButton(msg('Narrow'), msg(str`Narrow what ${origin} may`), () => this.#open()) : nothing}
        ${
          !given
            ? nothing
            : narrowed?.refused
              ? namedButton(msg('Let in again'), msg(str`Let ${origin} in again`), () => store.narrow(origin, {}))
              : namedButton(msg('Shut out'), msg(str`Shut ${origin} out on this device`), () => this.#shutOut())
        }
        ${by === 'person' ? namedButton(given ? msg('Withdraw consent') : msg('Ask me again'), given ? msg(str`Withdraw your consent to ${origin}`) : msg(str`Ask me about ${origin} again`), () => this.#withdraw()) : nothing}
      </div>
    `;
  }

  async #shutOut(): Promise<void> {
    const { store } = this;
    const { origin, narrowed = {} } = this.guest;
    if (!(await store.narrow(origin, { refused: true }))) return;
    this.#undo.offer(
      () => msg(str`${origin} was shut out.`),
      () => store.narrow(origin, narrowed),
    );
  }

  async #withdraw(): Promise<void> {
    const { store } = this;
    const { origin, given, narrowed } = this.guest;
    const isAllowed = given !== undefined;
    if (!(await store.withdraw(origin))) return;
    this.#undo.offer(
      () => (isAllowed ? msg(str`Your consent to ${origin} was withdrawn.`) : msg(str`You are asked about ${origin} again.`)),
      async () => {
        // What was taken from it here went with the consent, and must not be given back with it.
        if ((await store.decide(origin, isAllowed)) && narrowed) await store.narrow(origin, narrowed);
      },
    );
  }

  #open(): void {
    this.narrowing = true;
  }

  #close(): void {
    this.narrowing = false;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-guest-card': SillGuestCard;
  }
}
