import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { RequestReport } from '../../protocol/requests.ts';
import { Attempts } from '../attempts.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { named } from '../elements/named.ts';
import { formatTime } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { ModelsController } from '../models-controller.ts';
import { sectionTitle } from '../section-words.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { askedByWords, figureWords, kindWords, stateWords } from './request-words.ts';

/** Figures that change with each token are read no faster than this. */
const LOOK_EVERY_MS = 1000;
/** Of those that ended, as many as say how the device has fared of late. */
const ENDED = 10;

const ICONS = { tab: 'window', frame: 'globe', http: 'traffic' } as const;
const STATE_MARKS = { waiting: '', running: 'active', done: '', failed: 'bad', cancelled: 'warn' } as const;

/** Who asks the models of this device for what, at this moment, and the way to stop it. */
@customElement('sill-request-list')
export class SillRequestList extends SillElement {
  static override styles = [
    shared,
    marks,
    css`
      .card {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--sill-space-12);
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        gap: var(--sill-space-4) var(--sill-space-12);
        align-items: center;
        padding: var(--sill-space-8) 0;
        border-top: 1px solid var(--wa-color-surface-border);
      }
      li > wa-icon {
        font-size: var(--sill-icon-m);
        color: var(--wa-color-text-quiet);
      }
      .what {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--sill-space-4) var(--sill-space-8);
        overflow-wrap: anywhere;
      }
      .below {
        overflow-wrap: anywhere;
      }
      summary {
        cursor: pointer;
        width: fit-content;
        font-size: var(--wa-font-size-s);
      }
      @media (max-width: 50rem) {
        summary {
          min-height: 44px;
          align-content: center;
        }
      }
    `,
  ];

  /** Absent until they are known, and where they cannot be. */
  @state() private requests: readonly RequestReport[] | undefined;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #models = new ModelsController(this);
  readonly #kiosk = new KioskController(this);
  readonly #attempts = new Attempts(this);
  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => {
      if (this.checkVisibility() && !document.hidden) void this.#read();
    }, LOOK_EVERY_MS);
    void this.#read();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  override render() {
    if (!this.requests) return nothing;
    const live = this.requests.filter(({ state }) => state === 'waiting' || state === 'running');
    const ended = this.requests.filter((request) => !live.includes(request)).slice(0, ENDED);
    const { failure } = this.#attempts;
    return html`
      <section class="card" aria-label=${sectionTitle('device', 'requests')}>
        <div>
          <h2>${sectionTitle('device', 'requests')}</h2>
          <p class="small quiet">${msg('Who asks the models at this moment, on the whole device. What is asked and answered stands in no list.')}</p>
        </div>
        ${
          live.length === 0
            ? html`<p class="quiet">${msg('Nobody asks for anything at this moment.')}</p>`
            : this.#list(live, msg('Requests under way'))
        }
        ${failure ? html`<sill-error .error=${failure.toData()}></sill-error>` : nothing}
        ${ended.length > 0 ? html`<details><summary>${msg('Those that ended last')}</summary>${this.#list(ended, msg('Requests that ended'))}</details>` : nothing}
      </section>
    `;
  }

  #list(requests: readonly RequestReport[], label: string) {
    return html`
      <ul aria-label=${label}>
        ${repeat(
          requests,
          ({ id }) => id,
          (request) => this.#row(request),
        )}
      </ul>
    `;
  }

  #row(request: RequestReport) {
    const { id, kind, model, by, startedAtMs, state } = request;
    const isLive = state === 'waiting' || state === 'running';
    const what = `${kindWords(kind)}, ${this.#models.nameOf(model)}`;
    return html`
      <li>
        <wa-icon name=${ICONS[by.kind]}></wa-icon>
        <div>
          <p class="what">${what} <span class="mark ${STATE_MARKS[state]}">${stateWords(request)}</span></p>
          <p class="small quiet figures below">${[askedByWords(by), formatTime(startedAtMs), ...figureWords(request)].join(' · ')}</p>
        </div>
        ${
          isLive && !this.#kiosk.locked
            ? html`<wa-button size="s" appearance="outlined" @click=${() => this.#cancel(id)}>${named(msg('Cancel'), msg(str`Cancel: ${what}`))}</wa-button>`
            : nothing
        }
      </li>
    `;
  }

  async #cancel(id: string): Promise<void> {
    await this.#attempts.make(async ({ requests }) => void (await requests.cancel(id)));
    await this.#read();
  }

  async #read(): Promise<void> {
    try {
      this.requests = await this.#sill.value?.requests.list();
    } catch {
      // Where storage is refused no model runs, and the view says why.
      this.requests = undefined;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-request-list': SillRequestList;
  }
}
