import './error-note.ts';
import './install-dialog.ts';
import './progress-line.ts';
import type WaButton from '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { InstallProgress, ModelSummary } from '../../protocol/reports.ts';
import { SillElement } from '../element.ts';
import { formatBytes, formatSpeed } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { shared } from '../styles/shared.ts';
import { phaseWords, timeLeftWords } from '../words.ts';
import type { SillInstallDialog } from './install-dialog.ts';
import { named } from './named.ts';

/** The way of one model onto the device: asking, moving, stopping, going on. Shows nothing for an installed one. */
@customElement('sill-model-install')
export class SillModelInstall extends SillElement {
  static override styles = [
    shared,
    css`
      .stack {
        gap: 0.75rem;
      }
      .row {
        justify-content: var(--sill-actions, start);
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;
  @query('sill-install-dialog') private dialog!: SillInstallDialog;
  @query('sill-progress wa-button') private stopButton!: WaButton | null;
  readonly #models = new ModelsController(this);
  /** The button that started the install disappears: the next one takes the focus, or the keyboard starts from the top. */
  #takeFocus = false;

  protected override updated(): void {
    if (!this.#takeFocus || this.model.state !== 'installing') return;
    this.#takeFocus = false;
    const { stopButton } = this;
    // A component that was never rendered has nothing yet that could take it.
    void stopButton?.updateComplete.then(() => stopButton.focus());
  }

  override render() {
    const { model } = this;
    const failure = this.#models.store?.failures.get(model.id) ?? (model.state === 'unfinished' ? model.error : undefined);
    if (model.state === 'installed') return failure ? html`<sill-error .error=${failure}></sill-error>` : nothing;
    return html`
      <div class="stack">
        ${failure && failure.code !== 'aborted' ? html`<sill-error .error=${failure}></sill-error>` : nothing}
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
                .words=${msg(str`Stopped. ${formatBytes(progress.storedBytes)} of ${formatBytes(progress.totalBytes)} are on the device.`)}
              ></sill-progress>`
            : html`<p class="quiet small">${msg('Stopped. What was downloaded is kept.')}</p>`
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
    return html`
      <div class="row">
        <wa-button size="s" variant="brand" ?disabled=${blocked} @click=${this.#ask}>
          <wa-icon slot="start" name="download"></wa-icon>
          ${named(fit ? msg(str`Install, ${formatBytes(fit.sizeBytes)}`) : msg('Install'), msg(str`Install ${model.name}`))}
        </wa-button>
      </div>
    `;
  }

  #progress(progress: InstallProgress | undefined) {
    const { model } = this;
    return html`
      <sill-progress label=${msg(str`Installing ${model.name}`)} .fraction=${fractionOf(progress)} .words=${progressWords(progress)}>
        <wa-button size="s" appearance="outlined" @click=${this.#stop}>
          ${named(msg('Stop'), msg(str`Stop installing ${model.name}`))}
        </wa-button>
      </sill-progress>
    `;
  }

  #ask(): void {
    this.dialog.show();
  }

  #install(event: CustomEvent<string>): void {
    this.#takeFocus = true;
    void this.#models.store?.install(this.model.id, event.detail);
  }

  #continue(): void {
    this.#takeFocus = true;
    void this.#models.store?.continue(this.model);
  }

  #stop(): void {
    void this.#models.store?.stop(this.model.id);
  }

  #discard(): void {
    void this.#models.store?.remove(this.model.id);
  }
}

function fractionOf(progress: InstallProgress | undefined): number | undefined {
  if (progress?.phase !== 'downloading' || progress.totalBytes === 0) return undefined;
  return progress.storedBytes / progress.totalBytes;
}

function progressWords(progress: InstallProgress | undefined): string {
  if (!progress) return phaseWords('preparing');
  const { phase, storedBytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
  if (phase !== 'downloading') return phaseWords(phase);
  return [
    phaseWords(phase),
    msg(str`${formatBytes(storedBytes)} of ${formatBytes(totalBytes)}`),
    ...(bytesPerSecond === undefined ? [] : [formatSpeed(bytesPerSecond)]),
    ...(secondsLeft === undefined ? [] : [timeLeftWords(secondsLeft)]),
  ].join(' · ');
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-model-install': SillModelInstall;
  }
}
