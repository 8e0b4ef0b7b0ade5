import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/copy-button/copy-button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { type Segments, toSrt, toText, toVtt } from '../../core/captions.ts';
import type { Transcription } from '../../protocol/openai.ts';
import { SillElement } from '../element.ts';
import { metric, metricStyles } from '../elements/metrics.ts';
import { named } from '../elements/named.ts';
import { formatClock, formatDuration, formatNumber } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { placeWords } from '../words.ts';

const FORMATS = [
  { extension: 'txt', type: 'text/plain', write: toText },
  { extension: 'srt', type: 'application/x-subrip', write: toSrt },
  { extension: 'vtt', type: 'text/vtt', write: toVtt },
] as const;

/**
 * What was said and when.
 *
 * @fires sill-seek with the seconds of a place in the recording as detail
 */
@customElement('sill-transcript')
export class SillTranscript extends SillElement {
  static override styles = [
    shared,
    metricStyles,
    css`
      ol {
        display: grid;
        gap: var(--sill-space-4);
      }
      li {
        display: grid;
        grid-template-columns: 4.5rem minmax(0, 1fr);
        gap: var(--sill-space-8);
        align-items: baseline;
      }
      .at {
        justify-self: start;
        font-variant-numeric: tabular-nums;
        font-size: var(--wa-font-size-s);
        text-decoration: none;
        padding: var(--sill-space-4) var(--sill-space-6);
        margin-inline-start: calc(-1 * var(--sill-space-6));
        border-radius: var(--wa-border-radius-s);
      }
      .at:hover {
        background: var(--wa-color-neutral-fill-quiet);
      }
      .stack {
        gap: var(--sill-space-16);
      }
    `,
  ];

  @property({ attribute: false }) segments: Segments = [];
  /** Only when all of it is there. */
  @property({ attribute: false }) result: Transcription | undefined;
  @property() name = '';

  override render() {
    return html`
      <div class="stack">
        <ol aria-label=${msg('Transcript')}>
          ${this.segments.map(
            (segment) => html`
              <li>
                <button class="link at" aria-label=${msg(str`Play from ${formatClock(segment.start)}`)} @click=${() => this.#seek(segment.start)}>
                  ${formatClock(segment.start)}
                </button>
                <p>${segment.text.trim()}</p>
              </li>
            `,
          )}
        </ol>
        ${this.result ? this.#whole(this.result) : nothing}
      </div>
    `;
  }

  #whole({ text, duration, sill }: Transcription) {
    return html`
      <div class="row">
        ${FORMATS.map(
          (format) => html`
            <wa-button
              size="s"
              appearance="outlined"
              @click=${() => this.#download(format)}
            >
              <wa-icon slot="start" name="download"></wa-icon>${named(`.${format.extension}`, msg(str`Download as .${format.extension}`))}
            </wa-button>
          `,
        )}
        <wa-copy-button .value=${text.trim()} copy-label=${msg('Copy text')} success-label=${msg('Copied')} error-label=${msg('Could not copy')}></wa-copy-button>
      </div>
      <dl class="metrics" aria-label=${msg('Figures')}>
        ${metric(msg('Speed'), msg(str`${formatNumber(sill.audio_seconds_per_second, 1)} seconds of sound per second`))}
        ${metric(msg('Sound'), formatClock(duration))} ${metric(msg('Took'), formatDuration(sill.transcribe_ms / 1000))}
        ${sill.loadMs === undefined ? nothing : metric(msg('Loading before'), formatDuration(sill.loadMs / 1000))}
        ${metric(msg('Computed on'), html`${placeWords(sill)} · <code>${sill.variant}</code>`)}
      </dl>
    `;
  }

  #seek(seconds: number): void {
    this.dispatchEvent(new CustomEvent('sill-seek', { detail: seconds }));
  }

  #download({ extension, type, write }: (typeof FORMATS)[number]): void {
    const url = URL.createObjectURL(new Blob([write(this.segments)], { type }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `${this.name.replace(/\.[^.]*$/, '') || 'transcript'}.${extension}`;
    link.click();
    URL.revokeObjectURL(url);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-transcript': SillTranscript;
  }
}
