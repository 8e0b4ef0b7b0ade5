import '../elements/confirm-dialog.ts';
import '../elements/error-note.ts';
import '../elements/form-making.ts';
import '../elements/progress-line.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { toSillError } from '../../core/errors.ts';
import { shortRevision } from '../../core/ids.ts';
import type { VerifyProgress, VerifyReport } from '../../protocol/integrityReports.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import type { SillConfirmDialog } from '../elements/confirm-dialog.ts';
import { repaired } from '../elements/model-repair.ts';
import { named } from '../elements/named.ts';
import { namedButton } from '../elements/named-button.ts';
import { formatBytes, formatDate, formatList } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { ModelsController } from '../models-controller.ts';
import { askedIn, routeHref } from '../routes.ts';
import { fields } from '../styles/fields.ts';
import { good } from '../styles/good.ts';
import { shared } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';
import { deviceWords, fallbackWords, partsWords, placeWords } from '../words.ts';

/**
 * What is known of an installed model, and what can be done with it.
 *
 * @fires sill-adapt with the model as detail, bubbling
 */
@customElement('sill-installed-panel')
export class SillInstalledPanel extends SillElement {
  static override styles = [
    shared,
    fields,
    good,
    css`
      .stack {
        gap: var(--sill-space-12);
      }
      .links {
        display: flex;
        flex-wrap: wrap;
        gap: var(--sill-space-4) var(--sill-space-16);
      }
      .row wa-button {
        flex: 1 1 auto;
      }
      .line {
        font-size: var(--wa-font-size-s);
        color: var(--wa-color-text-quiet);
      }
      .place {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        align-items: center;
        gap: var(--sill-space-12);
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;
  @property({ attribute: false }) installed!: NonNullable<ModelSummary['installed']>;
  @state() private checked: VerifyProgress | undefined;
  @query('sill-confirm-dialog') private dialog!: SillConfirmDialog;

  readonly #models = new ModelsController(this);
  readonly #kiosk = new KioskController(this);
  readonly #updates = new UpdatesController(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #verification = new Task(this, {
    autoRun: false,
    task: async (_args: readonly [], { signal }) =>
      this.#sill.value?.models.verify(this.model.id, {
        signal,
        onProgress: (progress) => {
          this.checked = progress;
        },
      }),
  });

  override render() {
    const { model, installed } = this;
    const action = this.#models.store?.actions.get(model.id);
    const verifying = this.#verification.status === TaskStatus.PENDING;
    const idle = action === undefined && !verifying;
    const route = askedIn(model);
    return html`
      <div class="stack">
        <p class="line figures">
          ${msg(str`${formatBytes(installed.sizeBytes)} on this device since ${formatDate(installed.installedAtMs)}`)} ·
          <span title=${installed.revision}>${msg('Version')} <code>${shortRevision(installed.revision)}</code></span> · <code>${installed.variant}</code>
        </p>
        ${model.loaded ? html`<p class="line">${msg(str`In memory: ${placeWords(model.loaded)}, ${formatBytes(model.loaded.size)}`)}</p>` : nothing}
        ${model.loaded?.fallback ? html`<p class="line">${fallbackWords(model.loaded.fallback)}</p>` : nothing}
        ${model.making ? html`<sill-form-making model=${model.id}></sill-form-making>` : nothing}
        ${this.#isForGpu && !this.#kiosk.locked ? this.#place(idle) : nothing}
        <wa-button size="s" variant="brand" href=${routeHref(route, { model: model.id })}>${openWords(route)}</wa-button>
        <p class="line links">
          <a href=${routeHref('versions', { model: model.id })}>${named(msg('Versions'), msg(str`Versions of ${model.name}`))}</a>
          ${model.task === 'text-generation' && !this.#kiosk.locked ? html`<button class="link" @click=${this.#adapt}>${named(msg('Adapt'), msg(str`Make a model of your own from ${model.name}`))}</button>` : nothing}
          ${installed.made && !this.#kiosk.locked ? html`<a href=${routeHref('import')}>${named(msg('How it came out'), msg(str`How ${model.name} came out when it was rewritten for this device`))}</a>` : nothing}
          ${this.#updates.store?.offered.some(({ id }) => id === model.id) ? html`<a href=${routeHref('updates')}>${named(msg('Update on offer'), msg(str`Update of ${model.name} on offer`))}</a>` : nothing}
        </p>
        <div class="row">
          ${
            this.#kiosk.locked
              ? nothing
              : model.loaded
                ? namedButton(msg('Unload'), msg(str`Unload ${model.name}`), () => this.#models.store?.unload(model.id), {
                    disabled: !idle,
                  })
                : namedButton(msg('Load'), msg(str`Load ${model.name}`), () => this.#models.store?.load(model.id), {
                    disabled: !idle,
                    loading: action === 'loading',
                  })
          }
          ${namedButton(msg('Verify'), msg(str`Verify ${model.name}`), () => this.#verification.run([]), { disabled: !idle })}
          ${this.#kiosk.locked ? nothing : namedButton(msg('Remove'), msg(str`Remove ${model.name}`), () => this.dialog.show(), { disabled: !idle, loading: action === 'removing' })}
        </div>
        ${this.#damage()}
        ${this.#verification.render({
          pending: () => this.#verifying(),
          // What was found is shown from the list, so that it goes when the model is repaired, from wherever.
          complete: (report) => (report?.ok ? this.#intact(report) : nothing),
          error: (error) =>
            toSillError(error).code === 'aborted' ? nothing : html`<sill-error .error=${toSillError(error)}></sill-error>`,
        })}
      </div>
      <sill-confirm-dialog
        heading=${msg(str`Remove ${model.name}?`)}
        action=${msg(str`Remove, frees ${formatBytes(installed.sizeBytes)}`)}
        @sill-confirm=${() => this.#models.store?.remove(model.id)}
      >
        <p>${msg('It is deleted from this device. To use it again it must be downloaded again, which needs a network.')}</p>
        ${this.#madeFrom.length > 0 ? html`<p>${msg(str`These are made from it, and do not answer until it is installed again: ${formatList(this.#madeFrom)}.`)}</p>` : nothing}
      </sill-confirm-dialog>
    `;
  }

  /** Names of models that need this one's weights. */
  get #madeFrom(): string[] {
    return this.#models.store?.list?.models.flatMap(({ name, derived }) => (derived?.base === this.model.id ? [name] : [])) ?? [];
  }

  #adapt(): void {
    this.dispatchEvent(new CustomEvent('sill-adapt', { detail: this.model, bubbles: true, composed: true }));
  }

  /** What was made for the processor runs nowhere else. */
  get #isForGpu(): boolean {
    return this.model.fits.find(({ variant }) => variant === this.installed.variant)?.device === 'webgpu';
  }

  #place(enabled: boolean) {
    const { place } = this.model;
    const choice = (value: string, words: string) =>
      html`<option value=${value} .selected=${live(value === (place ?? ''))}>${words}</option>`;
    return html`
      <label class="line place">
        ${named(msg('Run on'), msg(str`Run ${this.model.name} on`))}
        <select ?disabled=${!enabled} @change=${this.#onPlace}>
          ${choice('', msg('what suits this device'))} ${choice('webgpu', deviceWords('webgpu'))} ${choice('wasm', deviceWords('wasm'))}
        </select>
      </label>
    `;
  }

  #onPlace(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    void this.#models.store?.place(this.model.id, value === 'wasm' || value === 'webgpu' ? value : undefined);
  }

  #verifying() {
    const { checkedBytes, totalBytes } = this.checked ?? { checkedBytes: 0, totalBytes: 0 };
    return html`
      <sill-progress
        label=${msg(str`Verifying ${this.model.name}`)}
        .fraction=${totalBytes > 0 ? checkedBytes / totalBytes : undefined}
        .words=${msg(str`Checking ${formatBytes(checkedBytes)} of ${formatBytes(totalBytes)}`)}
      >
        <wa-button size="s" appearance="outlined" @click=${() => this.#verification.abort()}>${msg('Stop')}</wa-button>
      </sill-progress>
    `;
  }

  #intact(report: VerifyReport) {
    return html`<p class="good" role="status"><wa-icon name="ok"></wa-icon>${msg(str`Intact: all ${formatBytes(report.checkedBytes)} are what the publisher described.`)}</p>`;
  }

  #damage() {
    const { id, lost } = this.model;
    if (lost) {
      const message = msg(str`Missing on this device or changed: ${partsWords(lost.chunks)}, ${formatBytes(lost.sizeBytes)}.`);
      return html`<sill-error .error=${{ code: 'installation_damaged', message, details: { id } }}></sill-error>`;
    }
    const repair = this.#models.store?.repairs.get(id);
    return repair?.kind === 'done' && repair.report.ok ? repaired(repair.report) : nothing;
  }
}

const openWords = (route: ReturnType<typeof askedIn>): string =>
  ({
    chat: msg('Open in Chat'),
    write: msg('Open in Write'),
    search: msg('Open in Search'),
    transcribe: msg('Open in Transcribe'),
    run: msg('Open in Run'),
  })[route];

declare global {
  interface HTMLElementTagNameMap {
    'sill-installed-panel': SillInstalledPanel;
  }
}
