import '../elements/error-note.ts';
import '../elements/install-dialog.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { isAbort, type SillError, toSillError } from '../../core/errors.ts';
import { type Task as ModelTask, TASKS } from '../../core/tasks.ts';
import type { FoundModel, SourcesReport } from '../../protocol/sourceReports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import type { SillInstallDialog } from '../elements/install-dialog.ts';
import { ModelsController } from '../models-controller.ts';
import { routeHref } from '../routes.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { taskWords } from '../words.ts';

/** Models that this site does not offer itself: looked up by name or address where the policy allows it, shown, and installed. */
@customElement('sill-add-model')
export class SillAddModel extends SillElement {
  protected static override readonly drawsApart = true;
  static override styles = [
    shared,
    fields,
    css`
      .stack {
        gap: var(--sill-space-12);
      }
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: var(--sill-space-12);
      }
      .field {
        flex: 1 1 12rem;
      }
      .field.wide {
        flex: 3 1 18rem;
      }
    `,
  ];

  @state() private reference = '';
  @state() private source: string | undefined;
  @state() private task: ModelTask | undefined;
  /** For which the found one was looked up. */
  #foundTask: ModelTask | undefined;
  @state() private found: FoundModel | undefined;
  @state() private looking = false;
  /** The id of what this page put into the queue last. */
  @state() private asked: string | undefined;
  /** It is on its way there, or to the device. */
  @state() private adding = false;
  @state() private error: SillError | undefined;
  @query('sill-install-dialog') private dialog!: SillInstallDialog | null;
  readonly #models = new ModelsController(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #report = new Task(this, {
    task: async ([sill]) => sill?.sources.list(),
    args: () => [this.#sill.value] as const,
  });

  override render() {
    const report = this.#report.value;
    if (!report) return nothing;
    const hubs = report.sources.filter((source) => source.kind === 'hub');
    return html`
      <section class="card stack" aria-labelledby="title">
        <h2 id="title">${msg('Add a model from elsewhere')}</h2>
        ${hubs.length === 0 ? this.#none() : this.#form(hubs)} ${this.#state()}
        ${this.error ? html`<sill-error .error=${this.error}></sill-error>` : nothing}
      </section>
      ${this.found ? html`<sill-install-dialog .model=${this.found.summary} @sill-install=${this.#install}></sill-install-dialog>` : nothing}
    `;
  }

  #none(): TemplateResult {
    return html`
      <p class="quiet small">
        ${msg('This site allows models from its own catalog only. Its operator can allow other sources in the policy of the site.')}
      </p>
    `;
  }

  #form(hubs: SourcesReport['sources']): TemplateResult {
    return html`
      <p class="quiet small">
        ${msg('It is trusted on first use: nobody here signed it, and what arrives first is what stays accepted.')}
      </p>
      <form @submit=${this.#lookUp}>
        ${
          hubs.length > 1
            ? html`
                <div class="field">
                  <label for="source">${msg('Source')}</label>
                  <select id="source" @change=${this.#onSource}>
                    ${hubs.map(({ name, url }) => html`<option value=${url} .selected=${live(url === this.source)}>${name}</option>`)}
                  </select>
                </div>
              `
            : nothing
        }
        <div class="field wide">
          <label for="reference">${msg('Name or address of the model')}</label>
          <input
            id="reference"
            type="text"
            autocomplete="off"
            spellcheck="false"
            placeholder="owner/name"
            .value=${this.reference}
            @input=${this.#onReference}
          />
        </div>
        <div class="field">
          <label for="task">${msg('Task')}</label>
          <select id="task" @change=${this.#onTask}>
            <option value="" .selected=${live(this.task === undefined)}>${msg('what its source says')}</option>
            ${TASKS.map((task) => html`<option value=${task} .selected=${live(task === this.task)}>${taskWords(task)}</option>`)}
          </select>
        </div>
        <wa-button type="submit" size="s" appearance="outlined" ?loading=${this.looking} ?disabled=${this.reference.trim() === '' || this.looking}>
          ${msg('Look up')}
        </wa-button>
      </form>
      ${hubs.length === 1 ? html`<p class="quiet small">${msg(str`Looked for at ${hubs[0]?.name ?? ''} (${hubs[0]?.url ?? ''}).`)}</p>` : nothing}
    `;
  }

  #state(): TemplateResult | typeof nothing {
    const { asked } = this;
    const store = this.#models.store;
    if (asked === undefined || !store) return nothing;
    const model = store.list?.models.find(({ id }) => id === asked);
    if (!model) {
      const failure = store.failures.get(asked);
      if (this.adding) return html`<p class="small" role="status">${msg('Asking the source…')}</p>`;
      return failure ? html`<sill-error .error=${failure}></sill-error>` : nothing;
    }
    if (model.state === 'installed') return html`<p class="small" role="status">${msg(str`${asked} is in the list now.`)}</p>`;
    if (model.state !== 'installing') return nothing;
    return html`
      <p class="small" role="status">
        ${msg(str`${asked} is on its way, and in the list.`)} <a href=${routeHref('downloads')}>${msg('See all downloads')}</a>
      </p>
    `;
  }

  async #lookUp(event: Event): Promise<void> {
    event.preventDefault();
    const sill = this.#sill.value;
    if (!sill || this.looking || this.reference.trim() === '') return;
    this.looking = true;
    this.error = undefined;
    try {
      const { source, task } = this;
      this.found = await sill.sources.find(this.reference, {
        ...(source === undefined ? {} : { source }),
        ...(task === undefined ? {} : { task }),
      });
      this.#foundTask = task;
      await this.updateComplete;
      this.dialog?.show();
    } catch (error) {
      if (!isAbort(error)) this.error = toSillError(error);
    } finally {
      this.looking = false;
    }
  }

  async #install(event: CustomEvent<string>): Promise<void> {
    const { found } = this;
    if (!found) return;
    const { id } = found.summary;
    this.asked = id;
    this.adding = true;
    this.reference = '';
    // The commit that was shown, not what the name may mean by now.
    await this.#models.store?.add(id, `${id}@${found.commit}`, {
      ...{ source: found.source.url, variant: event.detail },
      ...(this.#foundTask === undefined ? {} : { task: this.#foundTask }),
    });
    if (this.asked === id) this.adding = false;
  }

  #onReference(event: Event): void {
    this.reference = (event.target as HTMLInputElement).value;
  }

  #onTask(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.task = TASKS.find((task) => task === value);
  }

  #onSource(event: Event): void {
    this.source = (event.target as HTMLSelectElement).value;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-add-model': SillAddModel;
  }
}
