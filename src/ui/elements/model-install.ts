import './error-note.ts';
import './install-dialog.ts';
import './progress-line.ts';
import type WaButton from '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { ErrorData } from '../../core/errors.ts';
import type { InstallProgress, ModelSummary } from '../../protocol/modelReports.ts';
import { SillElement } from '../element.ts';
import { formatBytes } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { ModelsController } from '../models-controller.ts';
import { fractionOf, progressWords } from '../progress-words.ts';
import { shared } from '../styles/shared.ts';
import type { SillInstallDialog } from './install-dialog.ts';
import { named } from './named.ts';

/** The way of one model onto the device: asking, moving, pausing, going on. Shows nothing for an installed one. */
@customElement('sill-model-install')
export class SillModelInstall extends SillElement {
  static override styles = [
    shared,
    css`
      .stack {
        gap: var(--sill-space-12);
      }
      .row {
        justify-content: var(--sill-actions, start);
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;
  @query('sill-install-dialog') private dialog!: SillInstallDialog | null;
  @query('sill-progress wa-button') private pauseButton!: WaButton | null;
  readonly #models = new ModelsController(this);
  readonly #kiosk = new KioskController(this);
  /** The button that started the install disappears: the next one takes the focus, or the keyboard starts from the top. */
  #takeFocus = false;

  protected override updated(): void {
    if (!this.#takeFocus || this.model.state !== 'installing') return;
    this.#takeFocus = false;
    const { pauseButton } = this;
    // A component that was never rendered has nothing yet that could take it.
    void pauseButton?.updateComplete.then(() => pauseButton.focus());
  }

  override render() {
    const { model } = this;
    const failure = this.#models.store?.failures.get(model.id) ?? (model.state === 'unfinished' ? model.error : undefined);
    // What the operator wants comes by itself.
    if (this.#kiosk.locked && model.state !== 'installing') return nothing;
    if (model.state === 'installed') return failure ? html`<sill-error .error=${failure}></sill-error>` : nothing;
    return html`
      <div class="stack">
        ${failure && failure.code !== 'aborted' ? html`<sill-error .error=${withSize(failure, model)}></sill-error>` : nothing}
        ${model.state === 'installing' ? this.#progress(model.progress) : this.#start()}
      </div>
      <sill-install-dialog .model=${model} @sill-install=${this.#install}></sill-install-dialog>
    `;
  }

  #start() {
    const { model } = this;
    const fit = model.fits[0];
    if (model.state === 'unfinished') {
      const progress = model.progress;
      return html`
        ${
          progress
            ? html`<sill-progress
                label=${msg(str`Stored of ${model.name}`)}
                .fraction=${fractionOf(progress)}
                .words=${msg(str`Paused. ${formatBytes(progress.storedBytes)} of ${formatBytes(progress.totalBytes)} are on the device.`)}
              ></sill-progress>`
            : html`<p class="quiet small">${msg('Paused. What was downloaded is kept.')}</p>`
        }
        <div class="row">
          <wa-button size="s" variant="brand" @click=${this.#continue}>
            ${named(msg('Continue'), msg(str`Continue installing ${model.name}`))}
          </wa-button>
          <wa-button size="s" appearance="plain" @click=${this.#discard}>
            ${named(msg('Discard'), msg(str`Discard what was downloaded of ${model.name}`))}
          </wa-button>
        </div>
      `;
    }
    const blocked = !fit || fit.verdict === 'no';
    const isFull = blocked && fit?.reasons.includes('storage') === true;
    if (isFull) void import('../disk/free-space.ts');
    return html`
      <div class="row">
        <wa-button size="s" variant="brand" ?disabled=${blocked} @click=${this.ask}>
          <wa-icon slot="start" name="download"></wa-icon>
          ${named(fit ? msg(str`Install, ${formatBytes(fit.sizeBytes)}`) : msg('Install'), msg(str`Install ${model.name}`))}
        </wa-button>
      </div>
      ${isFull ? html`<sill-free-space .bytes=${fit.sizeBytes} .keep=${model.id}></sill-free-space>` : nothing}
    `;
  }

  #progress(progress: InstallProgress | undefined) {
    const { model } = this;
    return html`
      <sill-progress label=${msg(str`Installing ${model.name}`)} .fraction=${fractionOf(progress)} .words=${progressWords(progress)}>
        ${
          this.#kiosk.locked
            ? nothing
            : html`<wa-button size="s" appearance="outlined" @click=${this.#pause}>
                ${named(msg('Pause'), msg(str`Pause installing ${model.name}`))}
              </wa-button>`
        }
      </sill-progress>
      ${
        progress?.waiting === 'metered'
          ? html`<div class="row">
              <wa-button size="s" variant="brand" @click=${this.#continue}>
                ${named(msg(str`Download now, ${formatBytes(progress.totalBytes - progress.storedBytes)}`), msg(str`Download ${model.name} now`))}
              </wa-button>
            </div>`
          : nothing
      }
    `;
  }

  unask(): void {
    this.dialog?.close();
  }

  /** The question before the install. Nothing where it is on its way, or here. */
  ask(): void {
    if (this.model.state === 'available' && !this.#kiosk.locked) this.dialog?.show();
  }

  #install(event: CustomEvent<string>): void {
    this.#takeFocus = true;
    void this.#models.store?.install(this.model.id, event.detail);
  }

  #continue(): void {
    this.#takeFocus = true;
    void this.#models.store?.resume(this.model.id);
  }

  #pause(): void {
    void this.#models.store?.pause(this.model.id);
  }

  #discard(): void {
    void this.#models.store?.discard(this.model.id);
  }
}

/** A full disk refuses one part; what a person needs to know is how much is still to come. */
function withSize(error: ErrorData, { id, fits, progress }: ModelSummary): ErrorData {
  const [fit] = fits;
  if (error.code !== 'quota_exceeded' || !fit) return error;
  return { ...error, details: { ...error.details, id, sizeBytes: Math.max(0, fit.sizeBytes - (progress?.storedBytes ?? 0)) } };
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-model-install': SillModelInstall;
  }
}
