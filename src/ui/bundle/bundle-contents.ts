import '../elements/error-note.ts';
import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { styleMap } from 'lit/directives/style-map.js';
import { shortRevision } from '../../core/ids.ts';
import type { BundledModelSummary, BundleReport } from '../../protocol/bundleReports.ts';
import { SillDialogElement } from '../elements/dialog-element.ts';
import { formatBytes, formatDate } from '../format.ts';
import { agreement } from '../styles/dialog.ts';
import { shared } from '../styles/shared.ts';
import { deviceWords, dtypeWords } from '../words.ts';
import { bundleDialogStyles } from './bundle-dialog.styles.ts';

/**
 * What is in a bundle, before anything is written, and the person's agreement to the licences.
 *
 * @fires sill-import when they agree
 */
@customElement('sill-bundle-contents')
export class SillBundleContents extends SillDialogElement {
  static override styles = [shared, agreement, bundleDialogStyles];

  @property({ attribute: false }) report: BundleReport | undefined;
  @state() private accepted = false;
  /** Told once the dialog is gone. */
  #agreed = false;

  show(report: BundleReport): void {
    this.report = report;
    this.accepted = false;
    void this.reveal();
  }

  protected override dialog() {
    const { report } = this;
    const wanted = report?.models.filter((model) => model.state !== 'present' && !model.refusal) ?? [];
    const asks = wanted.some((model) => !model.licenceAccepted);
    return html`
      <wa-dialog label=${msg('What is in this file')} ?open=${this.open} @wa-after-hide=${this.afterHide}>
        ${report ? this.#body(report) : nothing}
        ${
          asks
            ? html`<label class="accept" slot="footer">
                <input type="checkbox" .checked=${live(this.accepted)} @change=${this.#onAccept} />${wanted.length > 1 ? msg('I accept the licences') : msg('I accept the licence')}
              </label>`
            : nothing
        }
        <wa-button slot="footer" appearance="plain" @click=${this.shut}>${wanted.length > 0 ? msg('Cancel') : msg('Close')}</wa-button>
        ${
          wanted.length > 0
            ? html`<wa-button slot="footer" variant="brand" ?disabled=${asks && !this.accepted} @click=${this.#confirm}>
                ${msg(str`Import ${formatBytes(wanted.reduce((sum, model) => sum + model.sizeBytes - model.storedBytes, 0))}`)}
              </wa-button>`
            : nothing
        }
      </wa-dialog>
    `;
  }

  #body(report: BundleReport) {
    const { models, refused, signer, superseded, sizeBytes, volumes, runtimeMissingBytes } = report;
    return html`
      <div class="stack">
        <p class="quiet small figures">
          ${volumes > 1 ? msg(str`${formatBytes(sizeBytes)} in ${volumes} parts.`) : msg(str`${formatBytes(sizeBytes)} in one file.`)}
          ${msg('Signed by the publisher that this app trusts.')}
        </p>
        ${superseded ? html`<p class="small">${msg('This device knows a newer list of models than the file brings, and goes by that.')}</p>` : nothing}
        ${runtimeMissingBytes > 0 ? runtimeNote(runtimeMissingBytes) : nothing}
        <ul class="models">
          ${models.map((model) => html`<li class="model">${this.#model(model)}</li>`)}
          ${refused.map(
            ({ id, revision, error }) => html`
              <li class="model">
                <div class="title"><strong>${id}</strong><code>${shortRevision(revision)}</code></div>
                <sill-error mild .error=${error}></sill-error>
              </li>
            `,
          )}
        </ul>
        <details>
          <summary>${msg('Signature')}</summary>
          <dl class="facts">
            <dt>${msg('Root of trust')}</dt>
            <dd>${msg(str`Version ${signer.rootVersion}`)}</dd>
            <dt>${msg('Keys')}</dt>
            <dd class="code">${signer.keyIds.map((id) => id.slice(0, 16)).join(', ')}</dd>
          </dl>
        </details>
      </div>
    `;
  }

  #model(model: BundledModelSummary) {
    const { fit, sizeBytes, storedBytes, licence } = model;
    const share = sizeBytes > 0 ? storedBytes / sizeBytes : 0;
    return html`
      <div class="title">
        <strong>${model.name}</strong>
        <span class="state ${model.refusal ? 'refused' : model.state}">${stateWords(model)}</span>
      </div>
      <p class="small">${model.description}</p>
      ${model.refusal ? html`<sill-error mild .error=${model.refusal}></sill-error>` : nothing}
      <dl class="facts">
        <dt>${msg('Version')}</dt>
        <dd>
          <code>${shortRevision(model.revision)}</code>
          ${model.publishedAtMs === undefined ? nothing : html`<span class="quiet">${formatDate(model.publishedAtMs)}</span>`}
        </dd>
        ${fit ? html`<dt>${msg('Variant')}</dt><dd>${deviceWords(fit.device)}, ${dtypeWords(fit.dtype)}</dd>` : nothing}
        <dt>${msg('Size')}</dt>
        <dd class="figures">${formatBytes(sizeBytes)}</dd>
        <dt>${msg('Already here')}</dt>
        <dd class="figures">${formatBytes(storedBytes)}</dd>
        <dt>${msg('Comes from')}</dt>
        <dd>${model.provenance}</dd>
      </dl>
      <div class="share" aria-hidden="true"><span style=${styleMap({ width: `${share * 100}%` })}></span></div>
      ${model.notes ? html`<p class="small">${model.notes}</p>` : nothing}
      <details>
        <summary>${msg(str`Read the licence: ${licence.spdx}`)}</summary>
        <pre tabindex="0" role="region" aria-label=${msg('Text of the licence')}>${licence.text}</pre>
      </details>
    `;
  }

  #onAccept(event: Event): void {
    this.accepted = (event.target as HTMLInputElement).checked;
  }

  #confirm(): void {
    this.#agreed = true;
    this.shut();
  }

  protected override closed(): void {
    if (!this.#agreed) return;
    this.#agreed = false;
    this.dispatchEvent(new CustomEvent('sill-import'));
  }
}

/** Before anything begins: who has no network here can still fetch the runtime elsewhere. */
const runtimeNote = (bytes: number) => html`
  <p class="note small" role="note">
    <wa-icon name="warning"></wa-icon>
    <span>
      ${msg(str`A part of the app itself is not on this device: the model runtime, ${formatBytes(bytes)}. It is fetched from the site with the import. Without a network the models are stored all the same, and start once this device was connected to the site again.`)}
    </span>
  </p>
`;

function stateWords({ state: current, refusal }: BundledModelSummary): string {
  if (refusal) return msg('Cannot be taken');
  if (current === 'present') return msg('On this device already');
  return current === 'update' ? msg('New version: tested before it runs') : msg('New');
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-bundle-contents': SillBundleContents;
  }
}
