import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import { activityContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { formatClock } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { Recorder, type RecorderFailure } from './recorder.ts';

/**
 * Records from the microphone.
 *
 * @fires sill-recorded with the recording as detail
 */
@customElement('sill-recorder')
export class SillRecorder extends SillElement {
  static override styles = [
    shared,
    css`
      .panel {
        display: grid;
        justify-items: center;
        align-content: center;
        gap: var(--sill-space-10);
        height: 100%;
        padding: var(--sill-space-20) var(--sill-space-16);
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--sill-radius);
        text-align: center;
        font-size: var(--wa-font-size-s);
      }
      .meter {
        width: min(16rem, 100%);
        height: 0.5rem;
        border-radius: var(--wa-border-radius-pill);
        background: var(--wa-color-neutral-fill-normal);
        overflow: hidden;
      }
      .meter span {
        display: block;
        height: 100%;
        background: var(--wa-color-brand-50);
      }
      .time {
        font-variant-numeric: tabular-nums;
        font-size: var(--wa-font-size-l);
        font-weight: 600;
      }
    `,
  ];

  @property({ type: Boolean }) disabled = false;
  /** Before whoever passes by: they can neither allow a microphone nor choose a file. */
  @property({ type: Boolean }) kiosk = false;
  readonly #activity = new ContextConsumer(this, { context: activityContext });
  readonly #recorder = new Recorder(
    this,
    () => this.#activity.value,
    (recording) => this.dispatchEvent(new CustomEvent('sill-recorded', { detail: recording })),
  );

  override render() {
    const { state, failure, level, elapsedSeconds } = this.#recorder;
    const size = this.kiosk ? 'l' : 's';
    if (state === 'recording') {
      return html`
        <div class="panel">
          <p class="time" role="timer" aria-label=${msg('Recorded')}>${formatClock(elapsedSeconds)}</p>
          <div class="meter" role="meter" aria-label=${msg('Loudness')} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(level * 100)}>
            <span style=${styleMap({ width: `${level * 100}%` })}></span>
          </div>
          <wa-button size=${size} variant="danger" @click=${() => this.#recorder.stop()}>
            <wa-icon slot="start" name="stop"></wa-icon>${msg('Stop recording')}
          </wa-button>
        </div>
      `;
    }
    return html`
      <div class="panel">
        <wa-button size=${size} variant="brand" ?disabled=${this.disabled} ?loading=${state === 'asking'} @click=${() => this.#recorder.start()}>
          <wa-icon slot="start" name="mic"></wa-icon>${msg('Record')}
        </wa-button>
        ${failure ? html`<p role="alert">${this.kiosk ? deafWords() : failureWords(failure)}</p>` : html`<p class="quiet">${msg('From the microphone. The recording stays on this device.')}</p>`}
        ${state === 'asking' ? html`<p role="status">${msg('Allow the microphone in the browser’s question.')}</p>` : nothing}
      </div>
    `;
  }
}

const deafWords = (): string =>
  msg('This device cannot hear you: its microphone is missing or not allowed. Please tell somebody who works here.');

const failureWords = (failure: RecorderFailure): string =>
  ({
    denied: msg('The microphone is not allowed for this site. Allow it beside the address of the page, then try again, or choose a file.'),
    'no-microphone': msg('No microphone was found. Connect one and try again, or choose a file.'),
    unsupported: msg('This browser cannot record. Choose a file instead.'),
  })[failure];

declare global {
  interface HTMLElementTagNameMap {
    'sill-recorder': SillRecorder;
  }
}
