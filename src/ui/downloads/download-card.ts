import './speed-curve.ts';
import '../elements/confirm-dialog.ts';
import '../elements/error-note.ts';
import '../elements/progress-line.ts';
import '../notices/tell-me.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { shortRevision } from '../../core/ids.ts';
import type { DownloadSummary } from '../../protocol/downloadReports.ts';
import { SillElement } from '../element.ts';
import type { SillConfirmDialog } from '../elements/confirm-dialog.ts';
import { named } from '../elements/named.ts';
import { formatBytes } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { fractionOf, progressWords } from '../progress-words.ts';
import { shared } from '../styles/shared.ts';
import type { DownloadsStore } from './downloads-store.ts';

/** Fewer make no curve. */
const MARKS_FOR_A_CURVE = 3;

/** As hubs show them. */
const COMMIT_DIGITS = 7;

/** One entry of the queue: what it is, how far it is, and what can be done about it. */
@customElement('sill-download-card')
export class SillDownloadCard extends SillElement {
  static override styles = [
    shared,
    css`
      article {
        display: grid;
        gap: 0.75rem;
      }
      .what {
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) download!: DownloadSummary;
  @property({ attribute: false }) store!: DownloadsStore;
  /** Nothing goes before it. */
  @property({ type: Boolean }) first = false;
  readonly #kiosk = new KioskController(this);
  @query('sill-confirm-dialog') private dialog!: SillConfirmDialog;

  override render() {
    const { id, name, revision, commit, variant, by, state, progress, speeds, error } = this.download;
    const wanted = state === 'queued' || state === 'running';
    return html`
      <article class="card" aria-label=${name}>
        <div>
          <h3>${name}</h3>
          <p class="what small quiet">
            <code>${id}</code> · ${commit === undefined ? msg(str`Version ${shortRevision(revision)}`) : msg(str`Commit ${commit.slice(0, COMMIT_DIGITS)}`)} · <code>${variant}</code>${by === 'device' ? html` · ${msg('Update, by itself')}` : nothing}
          </p>
        </div>
        ${error ? html`<sill-error .error=${error}></sill-error>` : nothing}
        <sill-progress
          label=${msg(str`Download of ${name}`)}
          .fraction=${fractionOf(progress)}
          .words=${wanted ? progressWords(progress) : msg(str`Paused. ${formatBytes(progress.storedBytes)} of ${formatBytes(progress.totalBytes)} are on the device.`)}
        ></sill-progress>
        ${state === 'running' && speeds.length >= MARKS_FOR_A_CURVE ? html`<sill-speed-curve .marks=${speeds}></sill-speed-curve>` : nothing}
        ${wanted ? html`<sill-tell-me></sill-tell-me>` : nothing}
        <div class="row">
          ${wanted ? this.#moving() : this.#button(msg('Continue'), msg(str`Continue the download of ${name}`), () => this.store.resume(id), 'brand')}
          ${this.first || !wanted ? nothing : this.#button(msg('Move to the front'), msg(str`Move the download of ${name} to the front`), () => this.store.prioritise(id))}
          ${this.#button(msg('Cancel'), msg(str`Cancel the download of ${name}`), () => this.dialog.show())}
        </div>
      </article>
        <sill-confirm-dialog
          heading=${msg(str`Cancel the download of ${name}?`)}
          action=${msg('Cancel the download')}
          @sill-confirm=${() => this.store.cancel(id)}
        >
          <p>${msg(str`What is on the device of it, ${formatBytes(progress.storedBytes)}, is given up, unless another model uses it too. To keep it for later, pause instead.`)}</p>
        </sill-confirm-dialog>
    `;
  }

  #moving() {
    const { id, name, progress } = this.download;
    const go =
      progress.waiting === 'metered'
        ? this.#button(
            msg(str`Download now, ${formatBytes(progress.totalBytes - progress.storedBytes)}`),
            msg(str`Download ${name} now`),
            () => this.store.resume(id),
            'brand',
          )
        : progress.waiting === 'network'
          ? this.#button(msg('Try now'), msg(str`Try the download of ${name} now`), () => this.store.resume(id))
          : nothing;
    return html`${go} ${this.#button(msg('Pause'), msg(str`Pause the download of ${name}`), () => this.store.pause(id))}`;
  }

  #button(text: string, label: string, onClick: () => unknown, variant: 'brand' | 'neutral' = 'neutral') {
    if (this.#kiosk.locked) return nothing;
    return html`
      <wa-button size="s" variant=${variant} appearance=${variant === 'brand' ? 'accent' : 'outlined'} @click=${onClick}>
        ${named(text, label)}
      </wa-button>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-download-card': SillDownloadCard;
  }
}
