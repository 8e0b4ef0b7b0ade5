import '../elements/error-note.ts';
import './attention-list.ts';
import './first-answer.ts';
import './overview-figures.ts';
import './starter.ts';
import '../models/first-run.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer, consume } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import * as v from 'valibot';
import type { DeviceReport, Health } from '../../protocol/engineReports.ts';
import type { ModelList } from '../../protocol/modelReports.ts';
import type { Sill } from '../../protocol/sill.ts';
import { appContext, sillContext } from '../context.ts';
import { StorageController } from '../disk/report-controller.ts';
import { SillElement } from '../element.ts';
import { formatNumber, plural } from '../format.ts';
import { LogStore } from '../log/log-store.ts';
import { ModelsController } from '../models-controller.ts';
import { OwnStore } from '../own-store.ts';
import { readPreference, writePreference } from '../preferences.ts';
import { type AppShell, INITIAL_SHELL } from '../shell.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';
import { viewHead } from '../view-head.ts';
import { type Attention, attentionOf, isNews } from './attention.ts';

const ANSWERED = 'first-answer';

/** How this device is: whether all works, what needs somebody, what is here. With nothing here, the way to a first answer. */
@customElement('sill-overview-view')
export class SillOverviewView extends SillElement {
  protected static override readonly drawsApart = true;
  static override styles = [
    shared,
    viewStyles,
    css`
      .health {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--sill-space-14);
        align-items: center;
      }
      .health wa-icon {
        font-size: var(--sill-icon-xl);
        color: var(--wa-color-success-on-quiet);
      }
      .health.warn wa-icon {
        color: var(--wa-color-warning-on-quiet);
      }
    `,
  ];

  @property({ type: Boolean, reflect: true }) override hidden = false;
  @consume({ context: appContext, subscribe: true }) @state() private shell: AppShell = INITIAL_SHELL;
  @state() private health: Health | undefined;
  @state() private checks: DeviceReport['checks'] | undefined;
  @state() private refused = false;
  /** The way in was walked to its end before; when it ends now, what was answered stays to be read. */
  readonly #hadAnswer = readPreference(ANSWERED, v.boolean(), false);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #models = new ModelsController(this);
  readonly #updates = new UpdatesController(this);
  readonly #storage = new StorageController(this);
  readonly #log = new OwnStore(this, (sill) => new LogStore(sill));
  #healthOf: unknown;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('hidden') && this.#log.store) this.#log.store.shown = !this.hidden;
    // With each new list of models, which tells of what was loaded or lost.
    const { list } = this.#models.store ?? {};
    if (this.hidden || list === this.#healthOf) return;
    this.#healthOf = list;
    if (this.#sill.value) void this.#look(this.#sill.value);
  }

  async #look(sill: Sill): Promise<void> {
    try {
      // As the device is known: to look anew would ask for the adapter at each change.
      const [health, { checks }] = await Promise.all([sill.health(), sill.device()]);
      [this.health, this.checks] = [health, checks];
    } catch {
      // The engine went away meanwhile. The next one's list of models is another, and brings this here again.
    }
  }

  override render() {
    return html`
      ${viewHead('overview')}
      ${this.#content()}
    `;
  }

  #content() {
    const { list, error } = this.#models.store ?? {};
    if (!list) {
      if (error) {
        return html`<sill-error .error=${error}>
          <wa-button size="s" appearance="outlined" @click=${() => this.#models.store?.refresh()}>${msg('Try again')}</wa-button>
        </sill-error>`;
      }
      const looking = html`<p class="visually-hidden" role="status">${msg('Looking at the device…')}</p>`;
      return this.shell.firstVisit ? this.#wayIn([], looking) : html`${looking}<div class="ghost" aria-hidden="true"></div>`;
    }
    const lost = this.#storage.report?.lost ?? [];
    const attention = this.#attention(list);
    if (!list.models.some(({ installed }) => installed) && lost.length === 0) return this.#wayIn(attention);
    const writer = this.#hadAnswer ? undefined : this.#models.store?.installed('text-generation')[0];
    return html`
      <div class="sections">
        ${writer ? html`<sill-first-answer .model=${writer} @sill-answered=${() => writePreference(ANSWERED, true)}></sill-first-answer>` : nothing}
        ${this.#healthCard(list, attention)}
        ${attention.length > 0 ? this.#list(attention) : nothing}
        <sill-overview-figures .list=${list} .status=${this.#updates.store?.status} .storage=${this.#storage.report}></sill-overview-figures>
      </div>
    `;
  }

  /** Choose, see what it takes, install: the first answer follows when it is here. */
  #wayIn(attention: readonly Attention[], looking: TemplateResult | typeof nothing = nothing) {
    return html`
      <div class="sections">
        <sill-first-run></sill-first-run>
        ${looking}
        <sill-starter></sill-starter>
        ${attention.length > 0 ? this.#list(attention) : nothing}
      </div>
    `;
  }

  #attention(list: ModelList): readonly Attention[] {
    const { status, operator } = this.#updates.store ?? {};
    return attentionOf({
      ...{ list, status, operator, checks: this.checks, storage: this.#storage.report, updateWaiting: this.shell.updateWaiting },
      ...{ events: this.#log.store?.events ?? [], nowMs: Date.now() },
    });
  }

  #list(items: readonly Attention[]) {
    return html`
      <section class="stack" aria-labelledby="attention">
        <h2 id="attention">${urgentOf(items) > 0 ? msg('What needs attention') : msg('Worth knowing')}</h2>
        <sill-attention-list
          .items=${items}
          ?refused=${this.refused}
          @sill-persist=${this.#persist}
          @sill-update=${() => this.shell.applyUpdate()}
        ></sill-attention-list>
      </section>
    `;
  }

  #healthCard(list: ModelList, attention: readonly Attention[]) {
    const broken = this.health?.problems.filter(({ code }) => code === 'unsupported_device' || code === 'storage_unavailable') ?? [];
    // What the engine cannot do at all is on no list.
    const urgent = urgentOf(attention) + broken.length;
    const isWell = urgent === 0;
    const loaded = list.models.filter(({ loaded: inMemory, derived }) => inMemory && !derived).map(({ name }) => name);
    return html`
      <section class="card health ${isWell ? '' : 'warn'}" aria-label=${msg('Health')}>
        <wa-icon name=${isWell ? 'ok' : 'warning'}></wa-icon>
        <div>
          <h2>
            ${isWell ? msg('Everything works.') : plural(urgent, msg('One thing needs attention.'), msg(str`${formatNumber(urgent)} things need attention.`))}
          </h2>
          <p class="quiet">
            ${
              loaded.length === 0
                ? msg('No model is in memory; one is loaded when it is asked for something.')
                : msg(str`In memory: ${loaded.join(', ')}.`)
            }
          </p>
        </div>
      </section>
      ${broken.map((error) => html`<sill-error .error=${error}></sill-error>`)}
    `;
  }

  readonly #persist = async (): Promise<void> => {
    this.refused = !(await this.#sill.value?.storage.persist());
    await this.#storage.refresh();
  };
}

const urgentOf = (items: readonly Attention[]): number => items.filter((item) => !isNews(item)).length;

declare global {
  interface HTMLElementTagNameMap {
    'sill-overview-view': SillOverviewView;
  }
}
