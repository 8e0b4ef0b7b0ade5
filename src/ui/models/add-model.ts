import '../elements/error-note.ts';
import '../elements/install-dialog.ts';
import '../elements/progress-line.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { isAbort, type SillError, toSillError } from '../../core/errors.ts';
import type { FoundModel, SourcesReport } from '../../protocol/sourceReports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import type { SillInstallDialog } from '../elements/install-dialog.ts';
import { formatBytes } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';

/** Models that this site does not offer itself: looked up by name or address where the policy allows it, shown, and installed. */
@customElement('sill-add-model')
export class SillAddModel extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .stack {
        gap: 0.75rem;
      }
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: 0.75rem;
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
  @state() private found: FoundModel | undefined;
  @state() private looking = false;
  @state() private error: SillError | undefined;
  @query('sill-install-dialog') private dialog!: SillInstallDialog | null;
  readonly #models = new ModelsController(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #report = new Task(this, {
    // Again when an adding began or ended: what is unfinished has changed.
    task: async ([sill]) => sill?.sources.list(),
    args: () => [this.#sill.value, this.#models.store?.adding?.kind] as const,
  });

  override render() {
    const report = this.#report.value;
    if (!report) return nothing;
    const hubs = report.sources.filter((source) => source.kind === 'hub');
    return html`
      <section class="card stack" aria-labelledby="title">
        <h2 id="title">${msg('Add a model from elsewhere')}</h2>
        ${hubs.length === 0 ? this.#none() : this.#form(hubs)} ${this.#state(report)}
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
                    ${hubs.map(({ name, url }) => html`<option value=${url} ?selected=${url === this.source}>${name}</option>`)}
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
        <wa-button type="submit" size="s" appearance="outlined" ?loading=${this.looking} ?disabled=${this.reference.trim() === '' || this.looking}>
          ${msg('Look up')}
        </wa-button>
      </form>
      ${hubs.length === 1 ? html`<p class="quiet small">${msg(str`Looked for at ${hubs[0]?.name ?? ''} (${hubs[0]?.url ?? ''}).`)}</p>` : nothing}
    `;
  }

  #state({ unfinished }: SourcesReport): TemplateResult | typeof nothing {
    const adding = this.#models.store?.adding;
    if (adding?.kind === 'running') {
      const { progress } = adding;
      const words =
        progress && progress.totalBytes > 0
          ? msg(str`${formatBytes(progress.storedBytes)} of ${formatBytes(progress.totalBytes)}`)
          : msg('Asking the source…');
      const fraction = progress && progress.totalBytes > 0 ? progress.storedBytes / progress.totalBytes : undefined;
      return html`
        <sill-progress label=${msg(str`Adding ${adding.model}`)} .fraction=${fraction} .words=${words}>
          <wa-button size="s" appearance="outlined" @click=${() => this.#models.store?.stopAdding()}>${msg('Stop')}</wa-button>
        </sill-progress>
      `;
    }
    if (adding?.kind === 'failed') return html`<sill-error .error=${adding.error}></sill-error>`;
    if (unfinished) return this.#unfinished(unfinished);
    return adding ? html`<p class="small" role="status">${msg(str`${adding.model} is in the list now.`)}</p>` : nothing;
  }

  #unfinished({ id, url, commit, storedBytes, totalBytes }: NonNullable<SourcesReport['unfinished']>): TemplateResult {
    const goOn = (): void => void this.#models.store?.add(`${id}@${commit}`, { source: url });
    const discard = async (): Promise<void> => {
      await this.#models.store?.forget(id);
      await this.#report.run();
    };
    return html`
      <p class="small">${msg(str`Adding ${id} stopped: ${formatBytes(storedBytes)} of ${formatBytes(totalBytes)} are on the device.`)}</p>
      <div class="row">
        <wa-button size="s" variant="brand" @click=${goOn}>${msg('Continue')}</wa-button>
        <wa-button size="s" appearance="plain" @click=${discard}>${msg('Discard')}</wa-button>
      </div>
    `;
  }

  async #lookUp(event: Event): Promise<void> {
    event.preventDefault();
    const sill = this.#sill.value;
    if (!sill || this.looking || this.reference.trim() === '') return;
    this.looking = true;
    this.error = undefined;
    try {
      this.found = await sill.sources.find(this.reference, this.source === undefined ? {} : { source: this.source });
      await this.updateComplete;
      this.dialog?.show();
    } catch (error) {
      if (!isAbort(error)) this.error = toSillError(error);
    } finally {
      this.looking = false;
    }
  }

  #install(event: CustomEvent<string>): void {
    const { found } = this;
    if (!found) return;
    // The commit that was shown, not what the name may mean by now.
    void this.#models.store?.add(`${found.summary.id}@${found.commit}`, { source: found.source.url, variant: event.detail });
    this.reference = '';
  }

  #onReference(event: Event): void {
    this.reference = (event.target as HTMLInputElement).value;
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
