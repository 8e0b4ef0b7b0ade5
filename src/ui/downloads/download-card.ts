import './speed-curve.ts';
import '../notices/tell-me.ts';
import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { shortRevision } from '../../core/ids.ts';
import type { DownloadSummary } from '../../protocol/downloadReports.ts';
import { SillElement } from '../element.ts';
import type { SillConfirmDialog } from '../elements/confirm-dialog.ts';
import { namedButton } from '../elements/named-button.ts';
import { unfinishedCard, unfinishedStyles } from '../elements/unfinished.ts';
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
  static override styles = [shared, unfinishedStyles];

  @property({ attribute: false }) download!: DownloadSummary;
  @property({ attribute: false }) store!: DownloadsStore;
  /** Nothing goes before it. */
  @property({ type: Boolean }) first = false;
  readonly #kiosk = new KioskController(this);
  @query('sill-confirm-dialog') private dialog!: SillConfirmDialog;

  override render() {
    const { id, name, revision, commit, variant, by, state, progress, speeds, error } = this.download;
    const wanted = state === 'queued' || state === 'running';
    const version =
      commit === undefined ? msg(str`Version ${shortRevision(revision)}`) : msg(str`Commit ${commit.slice(0, COMMIT_DIGITS)}`);
    return unfinishedCard({
      ...{ name, error },
      what: html`<code>${id}</code> · ${version} · <code>${variant}</code>${by === 'device' ? html` · ${msg('Update, by itself')}` : nothing}`,
      progress: {
        label: msg(str`Download of ${name}`),
        fraction: fractionOf(progress),
        words: wanted
          ? progressWords(progress)
          : msg(str`Paused. ${formatBytes(progress.storedBytes)} of ${formatBytes(progress.totalBytes)} are on the device.`),
      },
      more: html`
        ${state === 'running' && speeds.length >= MARKS_FOR_A_CURVE ? html`<sill-speed-curve .marks=${speeds}></sill-speed-curve>` : nothing}
        ${wanted ? html`<sill-tell-me></sill-tell-me>` : nothing}
      `,
      buttons: this.#kiosk.locked ? nothing : this.#buttons(wanted),
      cancel: {
        heading: msg(str`Cancel the download of ${name}?`),
        action: msg('Cancel the download'),
        words: msg(
          str`What is on the device of it, ${formatBytes(progress.storedBytes)}, is given up, unless another model uses it too. To keep it for later, pause instead.`,
        ),
        onConfirm: () => this.store.cancel(id),
      },
    });
  }

  #buttons(wanted: boolean) {
    const { id, name } = this.download;
    const resume = () => this.store.resume(id);
    return html`
      ${wanted ? this.#moving(resume) : namedButton(msg('Continue'), msg(str`Continue the download of ${name}`), resume, { main: true })}
      ${this.first || !wanted ? nothing : namedButton(msg('Move to the front'), msg(str`Move the download of ${name} to the front`), () => this.store.prioritise(id))}
      ${namedButton(msg('Cancel'), msg(str`Cancel the download of ${name}`), () => this.dialog.show())}
    `;
  }

  #moving(resume: () => unknown) {
    const { id, name, progress } = this.download;
    const go =
      progress.waiting === 'metered'
        ? namedButton(
            msg(str`Download now, ${formatBytes(progress.totalBytes - progress.storedBytes)}`),
            msg(str`Download ${name} now`),
            resume,
            { main: true },
          )
        : progress.waiting === 'network'
          ? namedButton(msg('Try now'), msg(str`Try the download of ${name} now`), resume)
          : nothing;
    return html`${go} ${namedButton(msg('Pause'), msg(str`Pause the download of ${name}`), () => this.store.pause(id))}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-download-card': SillDownloadCard;
  }
}
