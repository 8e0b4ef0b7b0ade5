import './error-note.ts';
import './progress-line.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { shortRevision } from '../../core/ids.ts';
import type { InstallProgress, ModelSummary } from '../../protocol/modelReports.ts';
import type { UpdateOutcome } from '../../protocol/updateReports.ts';
import { SillElement } from '../element.ts';
import { formatBytes, formatSpeed } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';
import { refusalWords } from '../versions/refusal-words.ts';
import { gateFailureWords, phaseWords, timeLeftWords, trialWords } from '../words.ts';
import { named } from './named.ts';

/** How far the update of a model is, and how the last one ended. Nothing where there was none. */
@customElement('sill-update-progress')
export class SillUpdateProgress extends SillElement {
  static override styles = [
    shared,
    css`
      .outcome {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--sill-space-8);
      }
      .outcome wa-icon {
        margin-top: var(--sill-icon-drop);
        font-size: var(--sill-icon-m);
      }
      .activated wa-icon {
        color: var(--wa-color-success-on-quiet);
      }
      .rejected wa-icon {
        color: var(--wa-color-warning-on-quiet);
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;
  readonly #updates = new UpdatesController(this);

  /** Where it stands in a row of others, nothing must take no room. */
  protected override updated(): void {
    this.hidden = this.renderRoot.childElementCount === 0;
  }

  override render() {
    const { model } = this;
    const store = this.#updates.store;
    const progress = store?.progress.get(model.id);
    if (progress || store?.actions.get(model.id) === 'updating') {
      return html`
        <sill-progress label=${msg(str`Updating ${model.name}`)} .fraction=${fractionOf(progress)} .words=${progressWords(progress)}>
          ${
            store?.actions.get(model.id) === 'updating'
              ? html`<wa-button size="s" appearance="outlined" @click=${() => store.stop(model.id)}>
                  ${named(msg('Stop'), msg(str`Stop updating ${model.name}`))}
                </wa-button>`
              : nothing
          }
        </sill-progress>
      `;
    }
    const failure = store?.failures.get(model.id);
    if (failure) return html`<sill-error .error=${failure}></sill-error>`;
    const outcome = store?.outcomes.get(model.id);
    // Somebody went back from it since.
    if (outcome?.result === 'activated' && model.installed?.revision !== outcome.revision) return nothing;
    return outcome ? this.#ended(outcome) : nothing;
  }

  #ended({ result, revision, gate, error }: UpdateOutcome) {
    if (error) return html`<sill-error .error=${error}></sill-error>`;
    const version = shortRevision(revision);
    return html`
      <p class="outcome small ${result}" role="status">
        <wa-icon name=${result === 'activated' ? 'ok' : 'warning'}></wa-icon>
        <span>
          ${
            result === 'activated'
              ? msg(str`Version ${version} is in use now.`)
              : msg(str`Version ${version} failed its test and was refused; the version in use stays.`)
          }
          ${gate?.failure ? gateFailureWords(gate.failure) : nothing} ${gate?.failure ? html`<span class="quiet">${refusalWords(gate)}</span>` : nothing}
        </span>
      </p>
    `;
  }
}

/** Download and trial are one way for whoever waits; of a trial only its cases can be counted. */
function fractionOf(progress: InstallProgress | undefined): number | undefined {
  if (progress?.phase === 'downloading' && progress.totalBytes > 0) return progress.storedBytes / progress.totalBytes;
  const trial = progress?.trial;
  if (trial?.check !== 'suite' && trial?.check !== 'comparing') return undefined;
  const half = trial.done / Math.max(1, trial.total) / 2;
  return trial.check === 'suite' ? half : 0.5 + half;
}

function progressWords(progress: InstallProgress | undefined): string {
  if (!progress) return phaseWords('preparing');
  const { phase, storedBytes, totalBytes, bytesPerSecond, secondsLeft, trial } = progress;
  if (trial) return trialWords(trial);
  if (phase !== 'downloading') return phaseWords(phase);
  return [
    phaseWords(phase),
    msg(str`${formatBytes(storedBytes)} of ${formatBytes(totalBytes)}`),
    ...(bytesPerSecond === undefined ? [] : [formatSpeed(bytesPerSecond)]),
    ...(secondsLeft === undefined ? [] : [timeLeftWords(secondsLeft)]),
  ].join(' · ');
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-update-progress': SillUpdateProgress;
  }
}
