import '../transcribe/recorder-panel.ts';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';
import { SillElement } from '../element.ts';
import { errorWords } from '../errors.ts';
import { shared } from '../styles/shared.ts';
import { Transcribing } from '../transcribe/transcribing.ts';
import { kioskControls, kioskType } from './kiosk.styles.ts';
import { kioskTask } from './kiosk-task.styles.ts';
import { reportAnswer } from './report-answer.ts';

/**
 * Speech from the microphone as text.
 *
 * @fires sill-kiosk-answer as `sill-kiosk-chat`
 */
@customElement('sill-kiosk-transcribe')
export class SillKioskTranscribe extends SillElement {
  static override styles = [
    shared,
    kioskType,
    kioskControls,
    kioskTask,
    css`
      p {
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) sill!: Sill;
  @property({ attribute: false }) activity!: Activity;
  @property() model = '';
  readonly #transcribing = new Transcribing(this);

  override render() {
    const { running, segments, error } = this.#transcribing;
    return html`
      <sill-recorder kiosk ?disabled=${running} @sill-recorded=${this.#onRecorded}></sill-recorder>
      <div class="outcome" aria-live="polite" aria-busy=${running} tabindex="0" role="region" aria-label=${msg('Transcript')}>
        ${running && segments.length === 0 ? html`<p>${msg('Listening to what you said…')}</p>` : nothing}
        ${segments.map(({ text }) => html`<p>${text.trim()}</p>`)}
        ${error ? html`<p role="alert"><strong>${errorWords(error).title}.</strong> ${errorWords(error).advice}</p>` : nothing}
      </div>
    `;
  }

  async #onRecorded(event: CustomEvent<Blob>): Promise<void> {
    await this.#transcribing.run(this.sill, this.activity, event.detail, msg('Recording'), { model: this.model, translate: false });
    reportAnswer(this, this.#transcribing.error);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-kiosk-transcribe': SillKioskTranscribe;
  }
}
