import '../elements/model-picker.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { shortRevision } from '../../core/ids.ts';
import { publisherSuite } from '../../core/ownSuite.ts';
import type { EvaluationRequest, SuiteSummary } from '../../protocol/evaluations.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import type { VersionSummary } from '../../protocol/updateReports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { caseCount, suiteName } from './evaluation-words.ts';

/**
 * Which model to ask, in which version, and what.
 *
 * @fires sill-choose with the choices that changed, as `{ model, revision, suite }`
 * @fires sill-run with a request as detail
 */
@customElement('sill-evaluation-form')
export class SillEvaluationForm extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      form {
        display: grid;
        gap: var(--sill-space-16);
      }
      .choices {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr));
        gap: var(--sill-space-12) var(--sill-space-16);
        align-items: start;
      }
      .choices > * {
        min-width: 0;
      }
    `,
  ];

  @property({ attribute: false }) models: readonly ModelSummary[] = [];
  @property({ attribute: false }) suites: readonly SuiteSummary[] = [];
  @property({ attribute: false }) names: ReadonlyMap<string, string> = new Map();
  @property({ attribute: false }) model!: ModelSummary;
  @property() revision = '';
  @property() suite = '';
  @property({ type: Boolean }) disabled = false;

  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  /** What lies on the device of the model. */
  readonly #versions = new Task(this, {
    args: () => [this.#sill.value, this.model.id, this.model.installed?.revision] as const,
    task: async ([sill, id]) => (await sill?.models.versions(id))?.versions.filter(({ role }) => role !== undefined) ?? [],
  });

  override render() {
    const suite = this.#chosen;
    return html`
      <form class="card" @submit=${this.#onSubmit}>
        <div class="choices">
          <sill-model-picker stacked .models=${this.models} value=${this.model.id} ?disabled=${this.disabled} @sill-model=${this.#onModel}></sill-model-picker>
          ${this.#versionField(this.#held)}
          <div class="field">
            <label for="suite">${msg('Suite')}</label>
            <select id="suite" ?disabled=${this.disabled || this.suites.length === 0} @change=${this.#onSuite}>
              ${this.suites.map((each) => html`<option value=${each.id} .selected=${live(each.id === suite?.id)}>${suiteName(each.id, this.names)} (${caseCount(each.cases)})</option>`)}
            </select>
          </div>
        </div>
        ${this.suites.length === 0 ? html`<p class="quiet small">${msg('This model’s publisher put no suite beside it. Write one below: a case is a prompt and what its answer has to be.')}</p>` : nothing}
        <div class="row">
          <wa-button type="submit" variant="brand" ?disabled=${this.disabled || !suite || suite.faults.length > 0}>
            <wa-icon slot="start" name="play"></wa-icon>${msg('Run suite')}
          </wa-button>
          <span class="quiet small">${suite && suite.faults.length > 0 ? msg(str`Line ${suite.faults[0]?.line ?? 1} of this suite is no case: edit it below first.`) : msg('The same model gives the same answers: the likeliest ones, or drawn with the seed of their case. Requests to the model go first.')}</span>
        </div>
      </form>
    `;
  }

  #versionField(held: readonly VersionSummary[]) {
    if (held.length < 2) return nothing;
    return html`
      <div class="field">
        <label for="revision">${msg('Version')}</label>
        <select id="revision" ?disabled=${this.disabled} @change=${this.#onRevision}>
          ${held.map(
            ({ revision, role, variant }) => html`
              <option value=${role === 'active' ? '' : revision} .selected=${live(role === 'active' ? this.revision === '' : revision === this.revision)}>
                ${roleWords(role)}: ${shortRevision(revision)}, ${variant}
              </option>
            `,
          )}
        </select>
      </div>
    `;
  }

  get #held(): readonly VersionSummary[] {
    return this.#versions.value ?? [];
  }

  get #chosen(): SuiteSummary | undefined {
    const byId = (id: string) => this.suites.find((each) => each.id === id);
    return byId(this.suite) ?? byId(publisherSuite(this.model.id)) ?? this.suites[0];
  }

  #onModel(event: CustomEvent<string>): void {
    this.emit('sill-choose', { model: event.detail, revision: '', suite: '' });
  }

  #onRevision(event: Event): void {
    this.emit('sill-choose', { revision: (event.target as HTMLSelectElement).value });
  }

  #onSuite(event: Event): void {
    this.emit('sill-choose', { suite: (event.target as HTMLSelectElement).value });
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    const held = this.#held.find(({ revision }) => revision === this.revision);
    const suite = this.#chosen;
    if (!suite) return;
    this.emit<EvaluationRequest>('sill-run', { model: this.model.id, suite: suite.id, ...(held ? { revision: held.revision } : {}) });
  }
}

const roleWords = (role: VersionSummary['role']): string =>
  role === 'active' ? msg('Running') : role === 'previous' ? msg('Previous') : msg('Candidate');

declare global {
  interface HTMLElementTagNameMap {
    'sill-evaluation-form': SillEvaluationForm;
  }
}
