import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { isContested } from '../../core/fit.ts';
import type { ModelSummary, VariantFit } from '../../protocol/modelReports.ts';
import { sillContext } from '../context.ts';
import { formatBytes, formatParameters } from '../format.ts';
import { agreement } from '../styles/dialog.ts';
import { shared } from '../styles/shared.ts';
import { choiceWords, deviceWords, dtypeWords, reasonWords, speedWords, tierRange, tierWords, verdictWords } from '../words.ts';
import { SillDialogElement } from './dialog-element.ts';
import { installDialogStyles } from './install-dialog.styles.ts';

export interface Asking {
  readonly id: string;
  readonly open: boolean;
}

/**
 * Everything a person should know before a byte moves, and their agreement to the licence.
 *
 * @fires sill-install with the chosen variant's id as detail
 * @fires sill-asking when it is opened and when it is closed, for whoever gives it an address
 */
@customElement('sill-install-dialog')
export class SillInstallDialog extends SillDialogElement {
  static override styles = [shared, agreement, installDialogStyles];

  @property({ attribute: false }) model!: ModelSummary;
  @state() private accepted = false;
  @state() private variant: string | undefined;
  @state() private measuring = false;

  /** Told once the dialog is gone. */
  #agreed: string | undefined;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #storage = new Task(this, {
    task: async ([open, sill]) => (open ? sill?.storage() : undefined),
    args: () => [this.open, this.#sill.value] as const,
  });

  show(): void {
    this.accepted = false;
    this.variant = undefined;
    void this.reveal();
    this.emit<Asking>('sill-asking', { id: this.model.id, open: true });
  }

  get #fit(): VariantFit | undefined {
    return this.model.fits.find((fit) => fit.variant === this.variant) ?? this.model.fits[0];
  }

  protected override dialog() {
    const fit = this.#fit;
    return html`
      <wa-dialog label=${msg(str`Install ${this.model.name}?`)} ?open=${this.open} @wa-after-hide=${this.afterHide}>
        ${this.open && fit ? this.#body(fit) : nothing}
        <label class="accept" slot="footer">
          <input type="checkbox" .checked=${live(this.accepted)} @change=${this.#onAccept} />${msg('I accept the licence')}
        </label>
        <wa-button slot="footer" appearance="plain" @click=${this.shut}>${msg('Cancel')}</wa-button>
        <wa-button slot="footer" variant="brand" ?disabled=${!this.accepted || fit?.verdict === 'no'} @click=${this.#confirm}>
          ${fit ? msg(str`Install ${formatBytes(fit.sizeBytes)}`) : msg('Install')}
        </wa-button>
      </wa-dialog>
    `;
  }

  #body(fit: VariantFit) {
    const { model } = this;
    return html`
      <div class="stack">
        <dl class="facts">
          <dt>${msg('Download')}</dt>
          <dd class="figures">
            ${this.#download(fit)}
            ${
              fit.madeBytes === undefined
                ? nothing
                : html`<span class="reason">${msg(str`It is rewritten for this device then, which takes minutes for a large model and ${formatBytes(fit.madeBytes)} more.`)}</span>`
            }
          </dd>
          <dt>${msg('Free space')}</dt>
          <dd class="figures">${this.#free()}</dd>
          <dt>${msg('Size class')}</dt>
          <dd>${tierWords(model.tier)} <span class="quiet">(${tierRange(model.tier)})</span></dd>
          <dt>${msg('Parameters')}</dt>
          <dd class="figures">${formatParameters(model.parameters)}</dd>
          <dt>${msg('This device')}</dt>
          <dd>
            <span class="verdict ${fit.verdict}">${verdictWords(fit.verdict)}</span>
            ${fit.reasons.map((reason) => html`<span class="reason">${reasonWords(reason)}</span>`)}
            <span class="reason">
              ${deviceWords(fit.device)}, ${dtypeWords(fit.dtype)}. ${fit.choice && model.fits.length > 1 ? choiceWords(fit.choice) : nothing}
            </span>
          </dd>
          <dt>${msg('Comes from')}</dt>
          <dd>
            ${model.provenance}
            ${
              model.trust === 'first-use'
                ? html`<span class="reason">${msg('Trusted on first use: nobody signed it. What arrives now is recorded, and nothing else is accepted later.')}</span>`
                : nothing
            }
          </dd>
          <dt>${msg('Licence')}</dt>
          <dd>${model.licence.spdx}</dd>
        </dl>
        ${this.#canMeasure ? this.#measure() : nothing}
        ${model.fits.length > 1 ? this.#variants(fit) : nothing}
        <details class="licence">
          <summary>${msg('Read the licence')}</summary>
          <pre tabindex="0" role="region" aria-label=${msg('Text of the licence')}>${model.licence.text}</pre>
        </details>
      </div>
    `;
  }

  /** Where a measurement could change what is proposed, and none was made. */
  get #canMeasure(): boolean {
    const { fits } = this.model;
    return isContested(fits) && fits.every((each) => each.tokensPerSecond === undefined);
  }

  #measure() {
    return html`
      <div class="row">
        <wa-button size="s" appearance="outlined" ?loading=${this.measuring} @click=${this.#onMeasure}>${msg('Measure what is faster here')}</wa-button>
        <span class="quiet small">${msg('Fetches the runtime first, about 20 MB, which the model needs anyway.')}</span>
      </div>
    `;
  }

  /** The list of models is told of the result, and with it this dialog. */
  async #onMeasure(): Promise<void> {
    this.measuring = true;
    // What went wrong is no obstacle to the install, which tells it where it is one.
    await this.#sill.value?.device({ test: true }).catch(() => undefined);
    this.measuring = false;
  }

  #variants(chosen: VariantFit) {
    return html`
      <details>
        <summary>${msg('Advanced: choose a variant')}</summary>
        <fieldset>
          <legend class="visually-hidden">${msg('Variant')}</legend>
          ${this.model.fits.map(
            (fit) => html`
              <label class="variant">
                <input
                  type="radio"
                  name="variant"
                  .checked=${fit.variant === chosen.variant}
                  ?disabled=${fit.verdict === 'no'}
                  @change=${() => this.#choose(fit.variant)}
                />
                <span>
                  <span class="variant-name">${deviceWords(fit.device)}, ${dtypeWords(fit.dtype)}</span>
                  <span class="quiet small">
                    ${msg(str`${formatBytes(fit.fetchBytes)} to download, ${formatBytes(fit.memoryBytes)} of memory`)}.
                    ${speedWords(fit)}
                    ${fit.reasons.map(reasonWords).join(' ')}
                  </span>
                </span>
              </label>
            `,
          )}
        </fieldset>
      </details>
    `;
  }

  #download({ sizeBytes, fetchBytes }: VariantFit): string {
    if (fetchBytes === sizeBytes) return formatBytes(sizeBytes);
    return msg(str`${formatBytes(fetchBytes)}; ${formatBytes(sizeBytes - fetchBytes)} are on this device already`);
  }

  #free(): string {
    const storage = this.#storage.value;
    if (storage?.quotaBytes === undefined) return this.#storage.status === TaskStatus.PENDING ? '…' : msg('unknown');
    return formatBytes(Math.max(0, storage.quotaBytes - (storage.usageBytes ?? 0)));
  }

  #choose(variant: string): void {
    this.variant = variant;
  }

  #onAccept(event: Event): void {
    this.accepted = (event.target as HTMLInputElement).checked;
  }

  close(): void {
    this.shut();
  }

  protected override closed(): void {
    this.emit<Asking>('sill-asking', { id: this.model.id, open: false });
    if (this.#agreed === undefined) return;
    const detail = this.#agreed;
    this.#agreed = undefined;
    this.dispatchEvent(new CustomEvent('sill-install', { detail }));
  }

  #confirm(): void {
    const fit = this.#fit;
    if (!fit || !this.accepted) return;
    this.#agreed = fit.variant;
    this.shut();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-install-dialog': SillInstallDialog;
  }
}
