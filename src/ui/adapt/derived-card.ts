import '../elements/error-note.ts';
import '../elements/licence-dialog.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { named } from '../elements/named.ts';
import { Undo } from '../elements/undo.ts';
import { formatDate } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { modelCardStyles } from '../models/model-card.styles.ts';
import { ModelsController } from '../models-controller.ts';
import { viewOf } from '../routes.ts';
import { shared } from '../styles/shared.ts';
import { abilityWords } from '../words.ts';

/**
 * A model that was made here from another.
 *
 * @fires sill-edit with the model as detail, bubbling
 */
@customElement('sill-derived-card')
export class SillDerivedCard extends SillElement {
  static override styles = [
    shared,
    modelCardStyles,
    css`
      .row wa-button {
        flex: 1 1 auto;
      }
      sill-error {
        margin-bottom: var(--sill-space-12);
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;
  @property({ attribute: false }) derived!: NonNullable<ModelSummary['derived']>;
  readonly #undo = new Undo(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #models = new ModelsController(this);
  readonly #kiosk = new KioskController(this);

  override render() {
    const { model, derived } = this;
    const failure = this.#models.store?.failures.get(model.id);
    return html`
      <article class="card" aria-label=${model.name}>
        <div class="top">
          <p class="task"><wa-icon name=${viewOf(model.task)}></wa-icon>${abilityWords(model)}</p>
          ${model.state === 'installed' ? html`<p class="here"><wa-icon name="ok"></wa-icon>${msg('Made here')}</p>` : nothing}
        </div>
        <div class="title"><h2>${model.name}</h2></div>
        <p class="description">
          ${msg(str`Made from ${derived.from}, changed last on ${formatDate(derived.changedAtMs)}. It takes no room of its own.`)}
        </p>
        <dl>
          <div>
            <dt>${msg('Weights of')}</dt>
            <dd>${derived.base}</dd>
          </div>
          <div>
            <dt>${msg('Licence')}</dt>
            <dd><sill-licence .model=${model}></sill-licence></dd>
          </div>
        </dl>
        ${model.state === 'installed' ? nothing : this.#missing()}
        <div class="actions">
          ${failure ? html`<sill-error .error=${failure}></sill-error>` : nothing}
          <div class="row" ?hidden=${this.#kiosk.locked}>
            <wa-button size="s" appearance="outlined" @click=${this.#edit}>${named(msg('Change'), msg(str`Change ${model.name}`))}</wa-button>
            <wa-button size="s" appearance="outlined" @click=${this.#remove}>${named(msg('Remove'), msg(str`Remove ${model.name}`))}</wa-button>
          </div>
        </div>
      </article>
    `;
  }

  #missing() {
    return html`
      <div class="fit tight">
        <wa-icon name="warning"></wa-icon>
        <p>${msg(str`It answers once ${this.derived.base} is installed.`)}</p>
      </div>
    `;
  }

  /** Its weights are another model's: what goes is its Modelfile, which is all that is needed to have it back. */
  async #remove(): Promise<void> {
    const [sill, store] = [this.#sill.value, this.#models.store];
    const { id, name } = this.model;
    // Removed without a way back only where it cannot be read, which the removal then says by itself.
    const modelfile = await sill?.models.modelfile(id).catch(() => undefined);
    await store?.remove(id);
    if (!sill || modelfile === undefined || store?.failures.has(id)) return;
    this.#undo.offer(
      () => msg(str`${name} was removed.`),
      () => sill.models.create({ name: id, modelfile }),
    );
  }

  #edit(): void {
    this.dispatchEvent(new CustomEvent('sill-edit', { detail: this.model, bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-derived-card': SillDerivedCard;
  }
}
