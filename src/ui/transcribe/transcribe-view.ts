import '../elements/error-note.ts';
import '../elements/file-drop.ts';
import '../elements/model-needed.ts';
import '../elements/model-picker.ts';
import '../elements/progress-line.ts';
import './recorder-panel.ts';
import './transcript.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import * as v from 'valibot';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { activityContext, sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { named } from '../elements/named.ts';
import { formatClock, formatLanguage, formatNumber } from '../format.ts';
import { ModelChoice } from '../model-choice.ts';
import { ModelsController } from '../models-controller.ts';
import { readPreference, writePreference } from '../preferences.ts';
import { fields } from '../styles/fields.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';
import { timeLeftWords } from '../words.ts';
import { transcribeViewStyles } from './transcribe-view.styles.ts';
import { Transcribing } from './transcribing.ts';

const TASK = 'automatic-speech-recognition';

/** The languages that Whisper was trained on most; any other is still found when the model listens by itself. */
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'sv', 'cs', 'ru', 'uk', 'tr', 'ar', 'hi', 'zh', 'ja', 'ko'] as const;

const OptionsSchema = v.object({ language: v.picklist(['', ...LANGUAGES]), translate: v.boolean() });
type Options = v.InferOutput<typeof OptionsSchema>;

/** Speech to text: from the microphone or from a file. */
@customElement('sill-transcribe-view')
export class SillTranscribeView extends SillElement {
  static override styles = [shared, fields, viewStyles, transcribeViewStyles];

  @state() private options: Options = readPreference('transcribe.options', OptionsSchema, { language: '', translate: false });
  @query('audio') private player!: HTMLAudioElement | null;

  readonly #models = new ModelsController(this);
  readonly #choice = new ModelChoice(this, 'transcribe');
  readonly #transcribing = new Transcribing(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #activity = new ContextConsumer(this, { context: activityContext });

  get #model(): ModelSummary | undefined {
    return this.#choice.of(this.#models.store?.installed(TASK) ?? []);
  }

  override render() {
    return html`
      ${viewHead('transcribe')}
      ${this.#model ? this.#studio(this.#model) : html`<sill-model-needed task=${TASK} icon="transcribe"></sill-model-needed>`}
    `;
  }

  #studio(model: ModelSummary) {
    const { running, status } = this.#transcribing;
    return html`
      <div class="stack">
        <section class="card stack" aria-label=${msg('Recording')}>
          <div class="sources">
            <sill-recorder ?disabled=${running} @sill-recorded=${this.#onRecorded}></sill-recorder>
            <sill-file-drop accept="audio/*,video/*" label=${msg('Choose an audio file')} ?disabled=${running} @sill-files=${this.#onFiles}>
              ${msg('Any format that this browser can play.')}
            </sill-file-drop>
          </div>
          ${this.#choices(model, running)}
        </section>
        ${status === 'idle' ? nothing : this.#outcome()}
      </div>
    `;
  }

  #choices(model: ModelSummary, running: boolean) {
    return html`
      <div class="choices">
        <div class="field">
          <label for="language">${msg('Language spoken')}</label>
          <select id="language" ?disabled=${running} @change=${this.#onLanguage}>
            <option value="" .selected=${live(this.options.language === '')}>${msg('Find out')}</option>
            ${LANGUAGES.map((tag) => html`<option value=${tag} .selected=${live(this.options.language === tag)}>${formatLanguage(tag)}</option>`)}
          </select>
        </div>
        <label class="check">
          <input type="checkbox" .checked=${this.options.translate} ?disabled=${running} @change=${this.#onTranslate} />${msg('Translate to English')}
        </label>
        <sill-model-picker
          stacked
          .models=${this.#models.store?.installed(TASK) ?? []}
          value=${model.id}
          ?disabled=${running}
          @sill-model=${this.#onModel}
        ></sill-model-picker>
      </div>
    `;
  }

  #outcome() {
    const { status, name, audioUrl, segments, result, error } = this.#transcribing;
    const empty = status === 'done' && segments.length === 0;
    return html`
      <section class="card stack" aria-label=${msg('Transcript')} aria-busy=${status === 'running'}>
        <h2>${name}</h2>
        ${audioUrl ? html`<audio controls src=${audioUrl} aria-label=${msg(str`Recording: ${name}`)}></audio>` : nothing}
        ${status === 'running' ? this.#progress() : nothing} ${error ? html`<sill-error .error=${error}></sill-error>` : nothing}
        ${status === 'stopped' ? html`<p role="status">${msg('Stopped. This is what was heard so far.')}</p>` : nothing}
        ${empty ? html`<p>${msg('No speech was heard in it.')}</p>` : nothing}
        ${segments.length > 0 ? html`<sill-transcript .segments=${segments} .result=${result} .name=${name} @sill-seek=${this.#onSeek}></sill-transcript>` : nothing}
        <p class="visually-hidden" aria-live="polite">${status === 'done' ? msg('The transcript is ready.') : nothing}</p>
      </section>
    `;
  }

  #progress() {
    const { progress, elapsedSeconds } = this.#transcribing;
    const { done_seconds: done, total_seconds: total } = progress ?? { done_seconds: 0, total_seconds: 0 };
    const speed = elapsedSeconds > 0 ? done / elapsedSeconds : 0;
    const words = [
      total > 0 ? msg(str`${formatClock(done)} of ${formatClock(total)}`) : msg('Listening…'),
      ...(speed > 0 ? [msg(str`${formatNumber(speed, 1)} seconds of sound per second`), timeLeftWords((total - done) / speed)] : []),
    ];
    return html`
      <sill-progress label=${msg('Transcribing')} .fraction=${done > 0 ? done / total : undefined} .words=${words.join(' · ')}>
        <wa-button size="s" appearance="outlined" @click=${() => this.#transcribing.stop()}>${named(msg('Stop'), msg('Stop transcribing'))}</wa-button>
      </sill-progress>
    `;
  }

  #onRecorded(event: CustomEvent<Blob>): void {
    this.#transcribe(event.detail, msg('Recording'));
  }

  #onFiles(event: CustomEvent<readonly File[]>): void {
    const file = event.detail[0];
    if (file) this.#transcribe(file, file.name);
  }

  #transcribe(file: Blob, name: string): void {
    const [sill, activity, model] = [this.#sill.value, this.#activity.value, this.#model];
    if (!sill || !activity || !model) return;
    const { language, translate } = this.options;
    void this.#transcribing.run(sill, activity, file, name, { model: model.id, translate, ...(language !== '' && { language }) });
  }

  #onSeek(event: CustomEvent<number>): void {
    if (!this.player) return;
    this.player.currentTime = event.detail;
    void this.player.play();
  }

  #onModel(event: CustomEvent<string>): void {
    this.#choice.choose(event.detail);
  }

  #onLanguage(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.#setOptions({ ...this.options, language: LANGUAGES.find((tag) => tag === value) ?? '' });
  }

  #onTranslate(event: Event): void {
    this.#setOptions({ ...this.options, translate: (event.target as HTMLInputElement).checked });
  }

  #setOptions(options: Options): void {
    this.options = options;
    writePreference('transcribe.options', options);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-transcribe-view': SillTranscribeView;
  }
}
