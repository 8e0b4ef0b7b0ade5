import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { shortRevision } from '../../core/ids.ts';
import type { ModelSummary, VersionSummary, VersionsReport } from '../../protocol/reports.ts';
import { SillElement } from '../element.ts';
import { named } from '../elements/named.ts';
import { formatBytes, formatDate } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';
import { roleWords, withheldWords } from './version-words.ts';

/** One revision of a model: its role on this device, what its publisher says of it, and what can be done with it. */
@customElement('sill-version-card')
export class SillVersionCard extends SillElement {
  static override styles = [
    shared,
    css`
      article {
        display: grid;
        gap: 0.625rem;
      }
      .role {
        padding: 0.125rem 0.625rem;
        border-radius: var(--wa-border-radius-pill);
        background: var(--wa-color-neutral-fill-normal);
        font-size: 0.8125rem;
        font-weight: 500;
      }
      .role.active {
        background: var(--wa-color-brand-fill-normal);
        color: var(--wa-color-brand-on-normal);
      }
      .notes {
        white-space: pre-line;
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;
  @property({ attribute: false }) report!: VersionsReport;
  @property({ attribute: false }) version!: VersionSummary;
  readonly #updates = new UpdatesController(this);

  override render() {
    const { version, report } = this;
    const pinned = report.pinned === version.revision;
    return html`
      <article class="card" aria-label=${shortRevision(version.revision)}>
        <div class="row">
          <h2><code title=${version.revision}>${shortRevision(version.revision)}</code></h2>
          ${version.role ? html`<span class="role ${version.role}">${roleWords(version.role)}</span>` : nothing}
          ${pinned ? html`<span class="role">${msg('Pinned')}</span>` : nothing}
        </div>
        <p class="small quiet figures">
          ${[
            version.publishedAtMs === undefined ? undefined : msg(str`Published ${formatDate(version.publishedAtMs)}`),
            version.installedAtMs === undefined ? undefined : msg(str`on this device since ${formatDate(version.installedAtMs)}`),
            version.sizeBytes === undefined ? undefined : formatBytes(version.sizeBytes),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
        ${version.notes ? html`<p class="notes">${version.notes}</p>` : nothing}
        ${version.withdrawn === undefined ? nothing : html`<p>${msg(str`Taken back by its publisher: ${version.withdrawn}`)}</p>`}
        ${version.quarantined === undefined ? nothing : html`<p>${msg(str`Failed its test on this device: ${version.quarantined}`)}</p>`}
        ${version.withheld && version.quarantined === undefined && version.withdrawn === undefined ? html`<p class="small quiet">${withheldWords(version.withheld)}</p>` : nothing}
        ${this.#actions(pinned)}
      </article>
    `;
  }

  #actions(pinned: boolean) {
    const { model, version } = this;
    const store = this.#updates.store;
    const busy = store?.actions.has(model.id) ?? false;
    const name = shortRevision(version.revision);
    const button = (text: string, label: string, act: () => unknown) =>
      html`<wa-button size="s" appearance="outlined" ?disabled=${busy} @click=${act}>${named(text, label)}</wa-button>`;
    return html`
      <div class="row">
        ${version.role === 'previous' ? button(msg('Roll back to this'), msg(str`Roll back to ${name}`), () => store?.rollBack(model.id)) : nothing}
        ${
          version.role === 'candidate' || (version.offered && !version.role)
            ? button(msg('Install and test'), msg(str`Install and test ${name}`), () => store?.activate(model.id, version.revision))
            : nothing
        }
        ${
          pinned
            ? button(msg('Unpin'), msg(str`Unpin ${name}`), () => store?.pin(model.id, undefined))
            : version.role
              ? button(msg('Pin'), msg(str`Pin ${name}`), () => store?.pin(model.id, version.revision))
              : nothing
        }
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-version-card': SillVersionCard;
  }
}
