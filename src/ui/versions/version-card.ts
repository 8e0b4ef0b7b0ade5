import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { shortRevision } from '../../core/ids.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import type { VersionSummary, VersionsReport } from '../../protocol/updateReports.ts';
import { SillElement } from '../element.ts';
import { namedButton } from '../elements/named-button.ts';
import { Undo } from '../elements/undo.ts';
import { formatBytes, formatDate } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';
import { refusalWords } from './refusal-words.ts';
import { roleWords, withheldWords } from './version-words.ts';

/** One revision of a model: its role on this device, what its publisher says of it, and what can be done with it. */
@customElement('sill-version-card')
export class SillVersionCard extends SillElement {
  static override styles = [
    shared,
    marks,
    css`
      article {
        display: grid;
        gap: var(--sill-space-10);
      }
      .actions:not(:has(wa-button)) {
        display: none;
      }
      .active-card {
        border-color: var(--sill-accent);
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;
  @property({ attribute: false }) report!: VersionsReport;
  @property({ attribute: false }) version!: VersionSummary;
  readonly #undo = new Undo(this);
  readonly #updates = new UpdatesController(this);
  readonly #kiosk = new KioskController(this);

  override render() {
    const { version, report } = this;
    const pinned = report.pinned === version.revision;
    const role = version.role;
    return html`
      <article class="card ${role === 'active' ? 'active-card' : ''}" aria-label=${msg(str`Version ${shortRevision(version.revision)}`)}>
        <div class="row">
          <h3><code title=${version.revision}>${shortRevision(version.revision)}</code></h3>
          ${role ? html`<span class="mark ${role}">${roleWords(role)}</span>` : nothing}
          ${version.offered ? html`<span class="mark active">${msg('On offer')}</span>` : nothing}
          ${pinned ? html`<span class="mark">${msg('Pinned')}</span>` : nothing}
          ${version.channel === 'beta' ? html`<span class="mark">${msg('Beta')}</span>` : nothing}
          ${version.critical ? html`<span class="mark warn">${msg('Critical')}</span>` : nothing}
          ${version.withdrawn === undefined ? nothing : html`<span class="mark bad">${msg('Taken back')}</span>`}
          ${version.quarantined === undefined ? nothing : html`<span class="mark bad">${msg('Quarantined')}</span>`}
        </div>
        <p class="small quiet figures">${this.#facts().join(' · ')}</p>
        ${version.notes ? html`<p class="release">${version.notes}</p>` : nothing} ${this.#why()} ${this.#actions(pinned)}
      </article>
    `;
  }

  #facts(): string[] {
    const { publishedAtMs, installedAtMs, sizeBytes, published, diff, role } = this.version;
    return [
      ...(publishedAtMs === undefined ? [] : [msg(str`published ${formatDate(publishedAtMs)}`)]),
      ...(installedAtMs === undefined ? [] : [msg(str`on this device since ${formatDate(installedAtMs)}`)]),
      ...(sizeBytes === undefined ? [] : [formatBytes(sizeBytes)]),
      ...(diff && !role
        ? [diff.fetchBytes === 0 ? msg('nothing to download') : msg(str`${formatBytes(diff.fetchBytes)} to download`)]
        : []),
      ...(published || this.report.catalogError ? [] : [msg('no longer published')]),
    ];
  }

  #why() {
    const { withdrawn, quarantined, withheld } = this.version;
    if (quarantined)
      return html`<p class="note bad"><wa-icon name="error"></wa-icon><span>${msg(str`It failed its test on this device and is not used: ${refusalWords(quarantined)}`)}</span></p>`;
    if (withdrawn !== undefined)
      return html`<p class="note bad"><wa-icon name="warning"></wa-icon><span>${msg(str`Its publisher took it back: ${withdrawn}`)}</span></p>`;
    if (withheld) return html`<p class="note wait"><wa-icon name="info"></wa-icon><span>${withheldWords(withheld)}</span></p>`;
    return nothing;
  }

  #actions(pinned: boolean) {
    if (this.#kiosk.locked) return nothing;
    const { model, version } = this;
    const store = this.#updates.store;
    const { role } = version;
    const busy = store?.actions.has(model.id) ?? false;
    const name = shortRevision(version.revision);
    const sound = version.quarantined === undefined && version.withdrawn === undefined;
    const button = (text: string, label: string, act: () => unknown, main = false) =>
      namedButton(text, label, act, { main, disabled: busy });
    const activate = () => store?.activate(model.id, version.revision);
    return html`
      <div class="row actions">
        ${role === 'previous' && !this.#isNewer() ? button(msg('Roll back'), msg(str`Roll back to ${name}`), () => this.#rollBack()) : nothing}
        ${role === 'previous' && this.#isNewer() && sound ? button(msg('Use again'), msg(str`Use ${name} again`), activate) : nothing}
        ${role === 'candidate' ? button(msg('Test now'), msg(str`Test ${name} now`), activate, true) : nothing}
        ${!role && sound && version.published ? button(msg('Install and test'), msg(str`Install and test ${name}`), activate, version.offered) : nothing}
        ${
          pinned
            ? button(msg('Unpin'), msg(str`Unpin ${name}`), () => store?.pin(model.id, undefined))
            : role && role !== 'candidate'
              ? button(msg('Pin'), msg(str`Pin ${name}`), () => store?.pin(model.id, version.revision))
              : nothing
        }
      </div>
    `;
  }

  /** Than the one in use: somebody went back from it. */
  #isNewer(): boolean {
    const order = this.report.versions;
    return order.indexOf(this.version) < order.findIndex(({ role }) => role === 'active');
  }

  /** Nothing is downloaded either way: both stay on the device, and answers under way end as they began. */
  async #rollBack(): Promise<void> {
    const { store } = this.#updates;
    const { model, report, version } = this;
    const left = report.versions.find(({ role }) => role === 'active')?.revision;
    await store?.rollBack(model.id);
    if (!left || store?.failures.has(model.id)) return;
    this.#undo.offer(
      () =>
        msg(
          str`${model.name}: version ${shortRevision(version.revision)} answers again. ${shortRevision(left)} stays here and is not offered again by itself.`,
        ),
      async () => {
        await store?.activate(model.id, left);
        const failure = store?.failures.get(model.id);
        if (failure) throw failure;
      },
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-version-card': SillVersionCard;
  }
}
