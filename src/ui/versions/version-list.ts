import './version-card.ts';
import '../elements/error-note.ts';
import { ContextConsumer } from '@lit/context';
import { msg } from '@lit/localize';
import { Task } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { toSillError } from '../../core/errors.ts';
import type { ModelSummary, VersionsReport } from '../../protocol/reports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';

/** Every revision of one model that is on the device or in the catalog. */
@customElement('sill-version-list')
export class SillVersionList extends SillElement {
  static override styles = [
    shared,
    css`
      ol {
        display: grid;
        gap: 1rem;
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;
  /** Counts what the engine tells, so that the report is asked for anew. */
  @state() private events = 0;

  readonly #updates = new UpdatesController(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #report = new Task(this, {
    task: async ([sill, id, _events], { signal }) => sill?.models.versions(id, { signal }),
    args: () => [this.#sill.value, this.model.id, this.events] as const,
  });
  #stop: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.#sill.value?.watch((event) => {
      if (event.type === 'models' || event.type === 'updates') this.events++;
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  override render() {
    const failure = this.#updates.store?.failures.get(this.model.id);
    return html`
      <div class="stack">
        ${failure ? html`<sill-error .error=${failure}></sill-error>` : nothing}
        ${this.#report.render({
          initial: () => this.#waiting(),
          // What was known stays in sight while it is asked for anew.
          pending: () => (this.#report.value ? this.#versions(this.#report.value) : this.#waiting()),
          complete: (report) => (report ? this.#versions(report) : this.#waiting()),
          error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>`,
        })}
      </div>
    `;
  }

  #waiting() {
    return html`<p class="quiet" role="status">${msg('Looking for versions…')}</p>`;
  }

  #versions(report: VersionsReport) {
    return html`
      ${report.catalogError ? html`<sill-error mild .error=${report.catalogError}></sill-error>` : nothing}
      <ol aria-label=${msg('Versions')}>
        ${repeat(
          report.versions,
          (version) => version.revision,
          (version) => html`<li><sill-version-card .model=${this.model} .report=${report} .version=${version}></sill-version-card></li>`,
        )}
      </ol>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-version-list': SillVersionList;
  }
}
