import '@awesome.me/webawesome/dist/components/button/button.js';
import '../elements/error-note.ts';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import type { OperatorReport } from '../../protocol/engineReports.ts';
import type { MemoryReport, MemorySettings, RunningModel } from '../../protocol/memoryReports.ts';
import { Attempts } from '../attempts.ts';
import { sillContext } from '../context.ts';
import { diskUseStyles } from '../disk/disk-use.styles.ts';
import { SillElement } from '../element.ts';
import { named } from '../elements/named.ts';
import { formatBytes } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { sectionTitle } from '../section-words.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { memoryForm } from './memory-settings.ts';
import { memoryUseStyles } from './memory-use.styles.ts';
import { budgetWords, stayWords } from './memory-words.ts';

/** As fine as "leaves in about a minute" needs, and a model that answers shows soon. */
const LOOK_EVERY_MS = 5000;

interface Known {
  readonly report: MemoryReport;
  readonly settings: MemorySettings;
  readonly operator: OperatorReport;
}

/** Models in memory: what each takes, what it does and when it leaves, and what all may take together. */
@customElement('sill-memory-use')
export class SillMemoryUse extends SillElement {
  static override styles = [shared, fields, diskUseStyles, memoryUseStyles];

  @state() private known: Known | undefined;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #models = new ModelsController(this);
  readonly #attempts = new Attempts(this);
  #stop: (() => void) | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.#sill.value?.watch(({ type }) => {
      if (type === 'models' || type === 'memory') void this.#read();
    });
    this.#timer = setInterval(() => {
      if (this.checkVisibility() && !document.hidden) void this.#read();
    }, LOOK_EVERY_MS);
    void this.#read();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    clearInterval(this.#timer);
  }

  override render() {
    if (!this.known) return nothing;
    const { report, settings, operator } = this.known;
    const { failure } = this.#attempts;
    return html`
      <section class="card" aria-label=${sectionTitle('device', 'memory')}>
        <h2>${sectionTitle('device', 'memory')}</h2>
        ${this.#bar(report)}
        ${report.models.length === 0 ? html`<p class="quiet">${msg('No model is in memory. One is loaded when it is asked for something.')}</p>` : this.#table(report.models)}
        ${memoryForm(settings, operator, (next) => void this.#change(next))}
        ${failure ? html`<sill-error .error=${failure.toData()}></sill-error>` : nothing}
      </section>
    `;
  }

  #bar({ models, usedBytes, budgetBytes, budgetReason }: MemoryReport) {
    const free = Math.max(0, budgetBytes - usedBytes);
    const part = (tone: string, bytes: number) => html`<span class=${tone} style=${styleMap({ 'flex-grow': String(bytes) })}></span>`;
    return html`
      <figure>
        <div class="bar" aria-hidden="true">
          ${models.map(({ size }, index) => (size > 0 ? part(`model tone-${index % 4}`, size) : nothing))} ${part('free', free)}
        </div>
        <figcaption class="small quiet figures">
          ${msg(str`${formatBytes(usedBytes)} of ${formatBytes(budgetBytes)} that models may take together.`)} ${budgetWords(budgetReason)}
        </figcaption>
      </figure>
    `;
  }

  #table(models: readonly RunningModel[]) {
    return html`
      <table>
        <caption class="visually-hidden">${msg('Models in memory')}</caption>
        <thead>
          <tr>
            <th scope="col">${msg('Model')}</th>
            <th scope="col" class="number">${msg('Memory')}</th>
            <th scope="col"><span class="visually-hidden">${msg('Actions')}</span></th>
          </tr>
        </thead>
        <tbody>
          ${models.map((model, index) => this.#row(model, index))}
        </tbody>
      </table>
    `;
  }

  #row(model: RunningModel, index: number) {
    const name = this.#models.nameOf(model.id);
    return html`
      <tr>
        <th scope="row">
          <span class="key model tone-${index % 4}"></span>${name}
          <div class="stay small quiet">${stayWords(model, Date.now())}</div>
        </th>
        <td class="number">${model.size > 0 ? formatBytes(model.size) : ''}</td>
        <td class="number">
          ${
            model.state === 'loaded'
              ? html`<wa-button size="s" appearance="outlined" @click=${() => this.#unload(model.id)}>${named(msg('Unload'), msg(str`Unload ${name}`))}</wa-button>`
              : nothing
          }
        </td>
      </tr>
    `;
  }

  async #unload(id: string): Promise<void> {
    await this.#models.store?.unload(id);
    await this.#read();
  }

  async #change(settings: MemorySettings): Promise<void> {
    await this.#attempts.make(async ({ memory }) => void (await memory.setSettings(settings)));
    await this.#read();
  }

  async #read(): Promise<void> {
    const sill = this.#sill.value;
    if (!sill) return;
    try {
      const [report, settings, operator] = await Promise.all([sill.memory(), sill.memory.settings(), sill.operator()]);
      this.known = { report, settings, operator };
    } catch {
      // Where storage is refused no model runs, and the view says why.
      this.known = undefined;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-memory-use': SillMemoryUse;
  }
}
