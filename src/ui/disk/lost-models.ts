import '../elements/error-note.ts';
import '../elements/progress-line.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { LostModel } from '../../protocol/storageReports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { formatBytes } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { sectionTitle } from '../section-words.ts';
import { shared } from '../styles/shared.ts';

/**
 * The browser has thrown away what was installed: says so, and brings it back.
 *
 * @fires sill-change when there is less to say
 */
@customElement('sill-lost-models')
export class SillLostModels extends SillElement {
  static override styles = [
    shared,
    css`
      .card {
        border-color: var(--wa-color-warning-border-quiet);
        background: var(--wa-color-warning-fill-quiet);
      }
      .title {
        display: flex;
        gap: var(--sill-space-10);
        align-items: center;
      }
      .title wa-icon {
        font-size: var(--sill-icon-m);
        color: var(--wa-color-warning-on-quiet);
      }
      ul {
        list-style: disc;
        padding-inline-start: var(--sill-space-20);
      }
    `,
  ];

  @property({ attribute: false }) models: readonly LostModel[] = [];
  @state() private fetching: LostModel | undefined;
  @state() private failed: LostModel | undefined;
  readonly #store = new ModelsController(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });

  override render() {
    const failure = this.failed && this.#store.store?.failures.get(this.failed.id);
    return html`
      <section class="card stack" aria-label=${msg('Lost models')}>
        <h2 class="title"><wa-icon name="warning"></wa-icon>${sectionTitle('storage', 'lost')}</h2>
        <p>
          ${msg('Browsers clear what sites have stored when the device runs short of space, or when somebody clears site data. These models were on this device; documents and settings that were stored with them are gone too.')}
        </p>
        <ul>
          ${this.models.map((model) => html`<li>${model.name} <span class="quiet figures">${formatBytes(model.sizeBytes)}</span></li>`)}
        </ul>
        ${this.fetching ? this.#progress(this.fetching) : this.#actions()}
        ${failure ? html`<sill-error .error=${failure}></sill-error>` : nothing}
      </section>
    `;
  }

  #actions() {
    const bytes = this.models.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return html`
      <div class="row">
        <wa-button size="s" variant="brand" @click=${this.#fetchAll}>${msg(str`Fetch them back, ${formatBytes(bytes)}`)}</wa-button>
        <wa-button size="s" appearance="plain" @click=${this.#forget}>${msg('Do not mention it again')}</wa-button>
      </div>
    `;
  }

  #progress({ id, name }: LostModel) {
    const progress = this.#store.store?.list?.models.find((model) => model.id === id)?.progress;
    const { storedBytes, totalBytes } = progress ?? { storedBytes: 0, totalBytes: 0 };
    return html`
      <sill-progress
        label=${msg(str`Installing ${name}`)}
        .fraction=${totalBytes > 0 ? storedBytes / totalBytes : undefined}
        .words=${msg(str`${name}: ${formatBytes(storedBytes)} of ${formatBytes(totalBytes)}`)}
      ></sill-progress>
    `;
  }

  /** One after the other: each that is here can be used while the next one comes. */
  async #fetchAll(): Promise<void> {
    const { store } = this.#store;
    this.failed = undefined;
    for (const model of this.models) {
      this.fetching = model;
      // What is offered by now may have other variants.
      const fits = store?.list?.models.find(({ id }) => id === model.id)?.fits;
      await store?.install(model.id, fits?.find(({ variant }) => variant === model.variant)?.variant);
      if (!store?.failures.has(model.id)) continue;
      this.failed = model;
      break;
    }
    this.fetching = undefined;
    this.emit('sill-change');
  }

  #forget(): void {
    this.#sill.value?.storage.forget();
    this.emit('sill-change');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-lost-models': SillLostModels;
  }
}
