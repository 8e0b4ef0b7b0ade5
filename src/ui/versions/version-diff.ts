import '../elements/compare-bars.ts';
import '../elements/error-note.ts';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { toSillError } from '../../core/errors.ts';
import { shortRevision } from '../../core/ids.ts';
import type { RevisionDiff, VersionSummary, VersionsReport } from '../../protocol/updateReports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { formatBytes, formatNumber, plural } from '../format.ts';
import { RouteParams } from '../route-params.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { changeWords, metricWords, roleWords } from './version-words.ts';

/** What lies between any two revisions of a model. */
@customElement('sill-version-diff')
export class SillVersionDiff extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .choice {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr));
        gap: var(--sill-space-12);
      }
      .files {
        width: 100%;
        border-collapse: collapse;
        font-size: var(--wa-font-size-s);
        font-variant-numeric: tabular-nums;
      }
      .files th {
        font-weight: 400;
        text-align: start;
        overflow-wrap: anywhere;
      }
      .files :is(th, td) {
        padding: var(--sill-space-6) var(--sill-space-8) var(--sill-space-6) 0;
        border-top: 1px solid var(--wa-color-surface-border);
      }
      .number {
        text-align: end;
        white-space: nowrap;
      }
      .same {
        color: var(--wa-color-text-quiet);
      }
    `,
  ];

  @property({ attribute: false }) report!: VersionsReport;
  readonly #params = new RouteParams(this, 'versions');
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #diff = new Task(this, {
    task: async ([sill, id, from, to], { signal }) => (from && to && from !== to ? sill?.models.diff(id, from, to, { signal }) : undefined),
    args: () => [this.#sill.value, this.report.id, ...this.#chosen()] as const,
  });

  override render() {
    const choices = this.#choices();
    if (choices.length < 2) return html`<p class="quiet">${msg('There is only one version, so there is nothing to compare.')}</p>`;
    const [from, to] = this.#chosen();
    return html`
      <div class="stack">
        <div class="choice">
          ${this.#select(msg('From'), from, (value) => {
            this.#params.set({ from: value });
          })}
          ${this.#select(msg('To'), to, (value) => {
            this.#params.set({ to: value });
          })}
        </div>
        ${
          from === to
            ? html`<p class="quiet">${msg('Choose two different versions.')}</p>`
            : this.#diff.render({
                pending: () => html`<p class="quiet" role="status">${msg('Comparing…')}</p>`,
                complete: (diff) => (diff ? this.#compared(diff) : nothing),
                error: (error) => html`<sill-error mild .error=${toSillError(error)}></sill-error>`,
              })
        }
      </div>
    `;
  }

  #choices(): readonly VersionSummary[] {
    return this.report.versions.filter(({ comparable }) => comparable);
  }

  /** Until a person chooses: from the version in use to what is offered, or else to the one before it. */
  #chosen(): readonly [string, string] {
    const choices = this.#choices();
    const asked = (name: string) => choices.find(({ revision }) => revision === this.#params.get(name))?.revision;
    const active = choices.find(({ role }) => role === 'active') ?? choices[0];
    const other =
      choices.find(({ offered }) => offered) ??
      choices.find(({ role }) => role === 'previous') ??
      choices.find((choice) => choice !== active);
    return [asked('from') ?? active?.revision ?? '', asked('to') ?? other?.revision ?? ''];
  }

  #select(label: string, value: string, onChange: (value: string) => void) {
    return html`
      <div class="field">
        <label>
          ${label}
          <select
            @change=${(event: Event) => {
              if (event.target instanceof HTMLSelectElement) onChange(event.target.value);
            }}
          >
            ${this.#choices().map(
              ({ revision, role, offered }) => html`
                <option value=${revision} .selected=${live(revision === value)}>
                  ${shortRevision(revision)}${role ? ` (${roleWords(role)})` : offered ? ` (${msg('On offer')})` : ''}
                </option>
              `,
            )}
          </select>
        </label>
      </div>
    `;
  }

  #compared(diff: RevisionDiff) {
    const [from, to] = this.#chosen().map((revision) => this.report.versions.find((version) => version.revision === revision));
    const notes = to?.notes ?? diff.notes;
    const unchanged = diff.files.filter(({ change }) => change === 'same');
    return html`
      <p class="figures">
        ${
          diff.fetchBytes === 0
            ? msg('Nothing would be downloaded: all of it is on this device.')
            : msg(
                str`${formatBytes(diff.fetchBytes)} would be downloaded; ${formatBytes(diff.toBytes - diff.fetchBytes)} are on this device.`,
              )
        }
      </p>
      <sill-compare-bars
        label=${msg('Sizes and scores')}
        first=${from ? shortRevision(from.revision) : ''}
        second=${to ? shortRevision(to.revision) : ''}
        .rows=${[
          { name: msg('Size'), first: diff.fromBytes, second: diff.toBytes, format: formatBytes },
          ...diff.scores.map(({ metric, from: first, to: second }) => ({
            name: metricWords(metric),
            ...(first === undefined ? {} : { first }),
            ...(second === undefined ? {} : { second }),
            format: (value: number) => formatNumber(value, 4),
          })),
        ]}
      ></sill-compare-bars>
      <table class="files">
        <caption class="visually-hidden">${msg('Files that differ')}</caption>
        <tbody>
          ${diff.files
            .filter(({ change }) => change !== 'same')
            .map(
              (file) => html`
                <tr>
                  <th scope="row"><code>${file.path}</code></th>
                  <td>${changeWords(file.change)}</td>
                  <td class="number">
                    ${file.fromBytes === file.toBytes || file.change === 'removed' ? formatBytes(file.fromBytes) : file.change === 'added' ? formatBytes(file.toBytes) : html`${formatBytes(file.fromBytes)} → ${formatBytes(file.toBytes)}`}
                  </td>
                </tr>
              `,
            )}
        </tbody>
      </table>
      <p class="small quiet">${unchanged.length === diff.files.length ? msg('All files are the same; only the description differs.') : plural(unchanged.length, msg('1 file is the same.'), msg(str`${formatNumber(unchanged.length)} files are the same.`))}</p>
      ${notes ? html`<p><strong>${msg('Release notes')}</strong><br />${notes}</p>` : nothing}
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-version-diff': SillVersionDiff;
  }
}
