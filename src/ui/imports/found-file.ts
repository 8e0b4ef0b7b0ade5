import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { VariantFit } from '../../core/fit.ts';
import { licenceIn } from '../../core/importing.ts';
import type { FileInspection } from '../../protocol/importReports.ts';
import { SillElement } from '../element.ts';
import { formatBytes, formatParameters } from '../format.ts';
import { facts } from '../styles/facts.ts';
import { shared } from '../styles/shared.ts';
import { choiceWords, deviceWords, dtypeWords, reasonWords, speedWords, tokensWords, verdictWords } from '../words.ts';
import { begunWords } from './import-words.ts';

/**
 * What is in a model file, what it becomes here, and a person's agreement to that.
 *
 * @fires sill-import with the id of the form as detail
 * @fires sill-dismiss
 */
@customElement('sill-found-file')
export class SillFoundFile extends SillElement {
  static override styles = [
    shared,
    facts,
    css`
      fieldset {
        display: grid;
        gap: var(--sill-space-8);
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        padding: 0;
        margin-bottom: var(--sill-space-6);
        font-weight: 650;
      }
      label {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--sill-space-10);
        align-items: start;
      }
      input {
        width: 1.0625rem;
        height: 1.0625rem;
        margin: var(--sill-icon-drop) 0 0;
        accent-color: var(--sill-control);
      }
      .form {
        display: grid;
      }
    `,
  ];

  @property({ attribute: false }) inspection!: FileInspection;
  @property({ type: Boolean }) busy = false;
  @state() private accepted = false;
  @state() private variant: string | undefined;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('inspection')) return;
    this.accepted = false;
    this.variant = undefined;
  }

  get #fit(): VariantFit | undefined {
    const { fits, unfinished } = this.inspection;
    const variant = this.variant ?? unfinished?.variant;
    return fits.find((fit) => fit.variant === variant) ?? fits[0];
  }

  override render() {
    const { name, id, installed, unfinished } = this.inspection;
    const fit = this.#fit;
    const begun = begunWords(this.inspection, fit?.variant);
    return html`
      <section class="card stack" aria-labelledby="name">
        <div>
          <h2 id="name">${name}</h2>
          <code class="quiet small">${id}</code>
        </div>
        ${this.#facts()}
        ${fit ? this.#forms(fit) : nothing}
        <label>
          <input type="checkbox" .checked=${live(this.accepted)} @change=${this.#onAccept} />
          <span>${msg('I may use this model under its licence, and I trust where it comes from')}</span>
        </label>
        ${installed ? html`<p class="small quiet">${msg('A model of this name is here already. This one is tried beside it, and takes its place when it is no worse.')}</p>` : nothing}
        ${begun ? html`<p class="small quiet">${begun}</p>` : nothing}
        <div class="row">
          <wa-button
            variant="brand"
            ?loading=${this.busy}
            ?disabled=${!this.accepted || !fit || fit.verdict === 'no'}
            @click=${() => fit && this.dispatchEvent(new CustomEvent('sill-import', { detail: fit.variant }))}
          >
            ${fit && unfinished?.variant === fit.variant ? msg('Go on') : msg('Import')}
          </wa-button>
          <wa-button appearance="plain" @click=${() => this.dispatchEvent(new CustomEvent('sill-dismiss'))}>${msg('Choose another file')}</wa-button>
        </div>
      </section>
    `;
  }

  #facts() {
    const { found } = this.inspection;
    const types = Object.entries(found.types).map(([type, count]) => `${type} × ${count}`);
    return html`
      <dl class="facts">
        <dt>${msg('Architecture')}</dt>
        <dd><code>${found.architecture}</code></dd>
        <dt>${msg('Parameters')}</dt>
        <dd class="figures">${formatParameters(found.parameters)}</dd>
        <dt>${msg('Quantised as')}</dt>
        <dd class="figures">${types.join(', ')}</dd>
        <dt>${msg('File')}</dt>
        <dd class="figures">${formatBytes(found.sizeBytes)}</dd>
        <dt>${msg('Context')}</dt>
        <dd class="figures">${tokensWords(found.contextLength)}</dd>
        <dt>${msg('Tokenizer')}</dt>
        <dd class="figures">${msg(str`${found.tokenizer.kind}, ${found.tokenizer.tokens} tokens`)}</dd>
        <dt>${msg('Chat template')}</dt>
        <dd>
          ${
            found.chatTemplate === undefined
              ? msg('None: it continues texts, and holds no conversations.')
              : html`<details><summary>${msg('It has one')}</summary><code class="small">${found.chatTemplate}</code></details>`
          }
        </dd>
        <dt>${msg('Licence')}</dt>
        <dd>${licenceIn(found) ?? msg('The file does not say')} ${found.licenceLink ? html`<span class="quiet">${found.licenceLink}</span>` : nothing}</dd>
      </dl>
    `;
  }

  #forms(chosen: VariantFit) {
    return html`
      <fieldset>
        <legend>${msg('What it becomes here')}</legend>
        ${this.inspection.fits.map(
          (fit) => html`
            <label>
              <input
                type="radio"
                name="form"
                .checked=${fit.variant === chosen.variant}
                ?disabled=${fit.verdict === 'no'}
                @change=${() => this.#choose(fit.variant)}
              />
              <span class="form">
                <span>${deviceWords(fit.device)}, ${dtypeWords(fit.dtype)} · ${verdictWords(fit.verdict)}</span>
                <span class="quiet small figures">
                  ${msg(str`${formatBytes(fit.sizeBytes)} of storage in place of ${formatBytes(this.inspection.found.sizeBytes)}, ${formatBytes(fit.memoryBytes)} of memory while it runs.`)}
                  ${fit.dtype === 'fp16' && fit.verdict !== 'no' ? msg('Closest to the file: for those to whom quality is worth the room.') : nothing}
                  ${speedWords(fit)} ${fit.choice && this.inspection.fits.length > 1 ? choiceWords(fit.choice) : nothing}
                  ${fit.reasons.map(reasonWords).join(' ')}
                </span>
              </span>
            </label>
          `,
        )}
      </fieldset>
    `;
  }

  #choose(variant: string): void {
    this.variant = variant;
  }

  #onAccept(event: Event): void {
    if (event.target instanceof HTMLInputElement) this.accepted = event.target.checked;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-found-file': SillFoundFile;
  }
}
