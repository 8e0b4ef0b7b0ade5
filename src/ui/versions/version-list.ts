import './version-card.ts';
import './version-diff.ts';
import './version-history.ts';
import '../elements/error-note.ts';
import '../elements/update-progress.ts';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { toSillError } from '../../core/errors.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import type { VersionsReport } from '../../protocol/updateReports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { ofCatalog } from '../errors.ts';
import { sections, shared } from '../styles/shared.ts';

/** Besides those on the device and what is offered: a model may have years of them. */
const SHOWN = 8;

/** Every revision of one model that is on the device or in the catalog. */
@customElement('sill-version-list')
export class SillVersionList extends SillElement {
  static override styles = [
    shared,
    sections,
    css`
      ol {
        display: grid;
        gap: var(--sill-space-16);
      }
      h2 {
        margin-bottom: var(--sill-space-12);
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;
  @state() private all = false;
  /** Counts what the engine tells, so that the report is asked for anew. */
  @state() private events = 0;

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
    return html`
      <div class="sections">
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
      ${report.catalogError ? html`<sill-error mild .error=${ofCatalog(report.catalogError)}></sill-error>` : nothing}
      <sill-update-progress .model=${this.model}></sill-update-progress>
      <section aria-label=${msg('Versions')}>
        <h2 class="visually-hidden">${msg('On this device and in the list')}</h2>
        <ol>
          ${repeat(
            this.all ? report.versions : report.versions.filter(({ role, offered }, index) => role || offered || index < SHOWN),
            (version) => version.revision,
            (version) => html`<li><sill-version-card .model=${this.model} .report=${report} .version=${version}></sill-version-card></li>`,
          )}
        </ol>
        ${
          this.all || report.versions.length <= SHOWN
            ? nothing
            : html`<p><button
                class="link"
                @click=${() => {
                  this.all = true;
                }}
              >
                ${msg(str`Show all ${report.versions.length} versions`)}
              </button></p>`
        }
      </section>
      <section aria-label=${msg('Compare')}>
        <h2>${msg('Compare')}</h2>
        <div class="card"><sill-version-diff .report=${report}></sill-version-diff></div>
      </section>
      <section aria-label=${msg('History')}>
        <h2>${msg('History on this device')}</h2>
        <div class="card"><sill-version-history .history=${report.history}></sill-version-history></div>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-version-list': SillVersionList;
  }
}
