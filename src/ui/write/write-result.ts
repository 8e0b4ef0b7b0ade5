import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/copy-button/copy-button.js';
import '../elements/computed-by.ts';
import '../elements/error-note.ts';
import '../elements/form-making.ts';
import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { metric, metricStyles } from '../elements/metrics.ts';
import { formatDuration, formatNumber } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { placeWords } from '../words.ts';
import type { Ending, Generation, GenerationResult } from './generation.ts';
import { splitSentences } from './sentences.ts';
import { writeResultStyles } from './write-result.styles.ts';

/** How often a listener is told of new sentences while text streams. */
const ANNOUNCE_EVERY_MS = 3000;

/**
 * Prompt and continuation as one text, and what it took to write it.
 *
 * @fires sill-continue to go on from the end of the text
 * @fires sill-clear
 */
@customElement('sill-write-result')
export class SillWriteResult extends SillElement {
  static override styles = [shared, metricStyles, writeResultStyles];

  @property({ attribute: false }) generation!: Generation;
  /** Changes with the generation, whose identity does not. */
  @property() text = '';
  @property() status: Generation['status'] = 'idle';
  /** The model was in memory when the generation began. */
  @property({ type: Boolean }) loaded = false;

  /** By its id. */
  @property() model = '';

  @state() private announcement = '';
  #announced = 0;
  #announcedAtMs = 0;

  protected override willUpdate(): void {
    if (this.generation.text.length < this.#announced) this.#announced = 0;
    const pending = this.generation.text.slice(this.#announced);
    if (this.status === 'done') this.announcement = [pending.trim(), msg('Finished.')].filter(Boolean).join(' ');
    if (this.status !== 'running') {
      this.#announced = this.generation.text.length;
      return;
    }
    const now = performance.now();
    const { whole, rest } = splitSentences(pending);
    if (!whole || now - this.#announcedAtMs < ANNOUNCE_EVERY_MS) return;
    this.announcement = whole;
    this.#announced = this.generation.text.length - rest.length;
    this.#announcedAtMs = now;
  }

  override render() {
    const { generation } = this;
    const { prompt, text, running, error, result } = generation;
    return html`
      <section class="card" aria-label=${msg('Text')} aria-busy=${running}>
        ${error ? html`<sill-error .error=${error}></sill-error>` : nothing}
        ${result?.ending === 'stop' && text === '' ? html`<p class="ended">${msg('The model takes this text for finished. Add the beginning of another sentence, or try again with a new seed.')}</p>` : nothing}
        ${
          text || running
            ? html`<p class="text"><span class="visually-hidden">${msg('Prompt:')} </span><span class="prompt">${prompt}</span><span class="visually-hidden"> ${msg('Continuation:')} </span><span class="continuation">${text}</span>${running ? html`<span class="caret" aria-hidden="true"></span>` : nothing}</p>`
            : nothing
        }
        ${
          running && text === ''
            ? html`<sill-form-making class="quiet small" model=${this.model}>${this.loaded ? msg('Reading the beginning…') : msg('Loading the model…')}</sill-form-making>`
            : nothing
        }
        ${result ? this.#metrics(result) : nothing}
        ${running ? nothing : this.#actions()}
      </section>
      <p class="visually-hidden" aria-live="polite">${this.announcement}</p>
    `;
  }

  #actions() {
    const { prompt, text } = this.generation;
    return html`
      <div class="row">
        ${
          text
            ? html`
                <wa-button size="s" appearance="outlined" @click=${() => this.emit('sill-continue')}>
                  <wa-icon slot="start" name="continue"></wa-icon>${msg('Continue from here')}
                </wa-button>
                <wa-copy-button
                  class="copy"
                  .value=${prompt + text}
                  copy-label=${msg('Copy text')}
                  success-label=${msg('Copied')}
                  error-label=${msg('Could not copy')}
                ></wa-copy-button>
              `
            : nothing
        }
        <wa-button size="s" appearance="plain" @click=${() => this.emit('sill-clear')}>${msg('Clear')}</wa-button>
      </div>
    `;
  }

  #metrics({ ending, usage, run, seed }: GenerationResult) {
    const speed = run?.timings.decode_tokens_per_second;
    return html`
      <dl class="metrics" aria-label=${msg('Figures')}>
        ${speed === undefined ? nothing : metric(msg('Speed'), msg(str`${formatNumber(speed, 1)} tokens/s`))}
        ${run ? metric(msg('First token after'), formatDuration(run.timings.ttft_ms / 1000)) : nothing}
        ${run?.loadMs === undefined ? nothing : metric(msg('Loading, in it'), formatDuration(run.loadMs / 1000))}
        ${usage ? metric(msg('Tokens'), msg(str`${usage.completion_tokens} after ${usage.prompt_tokens}`)) : nothing}
        ${metric(msg('Ended'), endingWords(ending))}
        ${metric(msg('Seed'), String(seed))}
        ${run ? metric(msg('Computed on'), run.computed_by === 'device' ? html`${placeWords(run)} · <code>${run.variant}</code>` : run.upstream.name) : nothing}
      </dl>
      ${run ? html`<sill-computed-by .run=${run}></sill-computed-by>` : nothing}
    `;
  }
}

const endingWords = (ending: Ending): string =>
  ({ stop: msg('by the model'), length: msg('at the length limit'), stopped: msg('by you') })[ending];

declare global {
  interface HTMLElementTagNameMap {
    'sill-write-result': SillWriteResult;
  }
}
