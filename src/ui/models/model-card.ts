import '@awesome.me/webawesome/dist/components/button/button.js';
import '../elements/licence-dialog.ts';
import '../elements/model-install.ts';
import './installed-panel.ts';
import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { ModelSummary, VariantFit } from '../../protocol/modelReports.ts';
import { SillElement } from '../element.ts';
import type { SillModelInstall } from '../elements/model-install.ts';
import { named } from '../elements/named.ts';
import { formatBytes, formatLanguage, formatList, formatParameters } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { routeHref, viewOf } from '../routes.ts';
import { shared } from '../styles/shared.ts';
import {
  abilityWords,
  choiceWords,
  deviceWords,
  dtypeWords,
  reasonWords,
  speedWords,
  tierRange,
  tierWords,
  tokensWords,
  verdictWords,
} from '../words.ts';
import { modelCardStyles } from './model-card.styles.ts';

const VERDICT_ICONS: Readonly<Record<VariantFit['verdict'], string>> = { fits: 'ok', tight: 'warning', no: 'error' };
/** More languages than these are counted, not listed. */
const LISTED_LANGUAGES = 4;

/** One model: what it is, whether it fits, and everything that can be done with it. */
@customElement('sill-model-card')
export class SillModelCard extends SillElement {
  protected static override readonly drawsApart = true;
  static override styles = [shared, modelCardStyles];

  @property({ attribute: false }) model!: ModelSummary;
  /** Whether the catalog was read: without it nothing can be said to be no longer on offer. */
  @property({ type: Boolean }) listed = false;

  @query('sill-model-install') private install!: SillModelInstall | null;
  readonly #models = new ModelsController(this);

  /** Opens the question before its install, or takes it away. */
  async askInstall(open: boolean): Promise<void> {
    await this.updateComplete;
    await this.install?.updateComplete;
    if (open) this.install?.ask();
    else this.install?.unask();
  }

  override render() {
    const { model } = this;
    const fit = model.fits[0];
    return html`
      <article class="card" aria-label=${model.name}>
        <div class="top">
          <p class="task"><wa-icon name=${viewOf(model.task)}></wa-icon>${abilityWords(model)}</p>
          ${model.installed ? html`<p class="here"><wa-icon name="ok"></wa-icon>${msg('Installed')}</p>` : nothing}
        </div>
        <div class="title">
          <h2>${model.name}</h2>
          <code class="quiet">${model.id}</code>
        </div>
        ${model.trust === 'first-use' ? this.#firstUse() : nothing} ${model.trust === 'brought' ? brought() : nothing}
        <p class="description small">${model.description}</p>
        <dl>
          ${fact(msg('Size class'), html`<span title=${tierRange(model.tier)}>${tierWords(model.tier)}</span>`)}
          ${fact(msg('Parameters'), formatParameters(model.parameters))}
          ${fit && !model.installed ? fact(msg('Download'), formatBytes(fit.fetchBytes)) : nothing}
          ${fact(msg('Licence'), html`<sill-licence .model=${model}></sill-licence>`)}
          ${model.languages.length > 0 ? fact(msg('Languages'), this.#languages()) : nothing}
          ${model.contextLength === undefined ? nothing : fact(msg('Context'), tokensWords(model.contextLength))}
        </dl>
        ${fit && !model.installed ? this.#fit(fit) : nothing}
        ${model.offered || model.trust === 'brought' || !this.listed ? nothing : html`<p class="small quiet">${msg('No longer on offer: it keeps working here, but cannot be installed again.')}</p>`}
        ${model.fits.length > 1 ? this.#variants() : nothing}
        <div class="actions">
          <sill-model-install .model=${model}></sill-model-install>
          ${model.installed ? html`<sill-installed-panel .model=${model} .installed=${model.installed}></sill-installed-panel>` : nothing}
        </div>
      </article>
    `;
  }

  #firstUse() {
    const { model } = this;
    return html`
      <div class="fit tight">
        <wa-icon name="warning"></wa-icon>
        <p>
          ${msg('Trusted on first use')}
          <span class="reasons">${msg('Nobody signed it. Its files were recorded when this device saw them first, and no others are accepted.')}</span>
          ${model.state === 'available' ? this.#forget() : nothing}
        </p>
      </div>
    `;
  }

  #forget() {
    const { model } = this;
    return html`
      <wa-button size="s" appearance="plain" @click=${() => this.#models.store?.forget(model.id)}>
        ${named(msg('Forget'), msg(str`Forget what was recorded of ${model.name}`))}
      </wa-button>
    `;
  }

  #languages(): string {
    const { languages } = this.model;
    if (languages.length > LISTED_LANGUAGES) return msg(str`${languages.length} languages`);
    return formatList(languages.map(formatLanguage));
  }

  #fit(fit: VariantFit) {
    return html`
      <div class="fit ${fit.verdict}">
        <wa-icon name=${VERDICT_ICONS[fit.verdict]}></wa-icon>
        <p>
          ${verdictWords(fit.verdict)}${fit.reasons.length > 0 ? html`<span class="reasons">${fit.reasons.map(reasonWords).join(' ')}</span>` : nothing}
        </p>
      </div>
    `;
  }

  #variants() {
    return html`
      <details>
        <summary>${msg('Advanced: variants')}</summary>
        <ul>
          ${this.model.fits.map(
            (fit) => html`
              <li>
                <span>${deviceWords(fit.device)}, ${dtypeWords(fit.dtype)}</span>
                <span class="quiet figures">${formatBytes(fit.sizeBytes)} · ${verdictWords(fit.verdict)}</span>
                ${fit.choice || fit.tokensPerSecond ? html`<span class="why quiet">${fit.choice ? choiceWords(fit.choice) : nothing} ${speedWords(fit)}</span>` : nothing}
              </li>
            `,
          )}
        </ul>
      </details>
    `;
  }
}

const brought = () => html`
  <div class="fit tight">
    <wa-icon name="upload"></wa-icon>
    <p>
      ${msg('Imported here')}
      <span class="reasons">${msg('Somebody brought it as a file, and nobody signed it.')} <a href=${routeHref('import')}>${msg('How it came out')}</a></span>
    </p>
  </div>
`;

const fact = (name: string, value: unknown) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

declare global {
  interface HTMLElementTagNameMap {
    'sill-model-card': SillModelCard;
  }
}
