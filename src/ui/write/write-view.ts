import '../elements/model-needed.ts';
import '../elements/model-picker.ts';
import './answer-form-field.ts';
import './write-result.ts';
import './write-settings.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/textarea/textarea.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import * as v from 'valibot';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { activityContext, sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { isApple } from '../machine.ts';
import { ModelChoice } from '../model-choice.ts';
import { ModelsController } from '../models-controller.ts';
import { readPreference, writePreference } from '../preferences.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';
import { type AnswerForm, AnswerFormSchema, NO_FORM, responseFormat } from './answer-form.ts';
import { Generation } from './generation.ts';
import { DEFAULT_SETTINGS, newSeed, type Settings, SettingsSchema } from './sampling.ts';
import type { AnswerSpeed } from './speed-chart.ts';
import { writeViewStyles } from './write-view.styles.ts';

const TASK = 'text-generation';
/** As many as a chart shows without crowding on a phone. */
const COMPARED_ANSWERS = 20;

/** Not translated: they are for the starter model, which knows English only. */
const IDEAS = [
  'Once upon a time, there was a little girl named Lily.',
  'One day, a small dog found a red ball in the garden.',
  'Tom and his grandma went to the market to buy apples.',
  'The old robot looked at the sea and',
] as const;

interface Writer extends Pick<ModelSummary, 'id' | 'name' | 'contextLength' | 'loaded'> {
  /** Of a name under which another computer answers: that computer. */
  readonly elsewhere?: string;
}

/** Begin a text, and a model goes on with it. */
@customElement('sill-write-view')
export class SillWriteView extends SillElement {
  static override styles = [shared, viewStyles, writeViewStyles];

  @state() private prompt = readPreference('write.prompt', v.string(), '');
  @state() private settings: Settings = readPreference('write.settings', SettingsSchema, DEFAULT_SETTINGS);
  @state() private form: AnswerForm = readPreference('write.form', AnswerFormSchema, NO_FORM);
  @query('wa-textarea') private field!: HTMLElement;

  #speeds: readonly AnswerSpeed[] = [];
  readonly #models = new ModelsController(this);
  readonly #choice = new ModelChoice(this, 'write');
  readonly #generation = new Generation(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #upstreams = new Task(this, { task: async ([sill]) => sill?.upstreams(), args: () => [this.#sill.value] as const });
  readonly #activity = new ContextConsumer(this, { context: activityContext });

  override render() {
    const writers = this.#writers;
    const model = this.#choice.of(writers);
    return html`
      ${viewHead('write')}
      ${model ? this.#desk(model, writers) : html`<sill-model-needed task=${TASK} icon="write"></sill-model-needed>`}
    `;
  }

  /** Models of this device, then the names under which another computer writes. */
  get #writers(): readonly Writer[] {
    const elsewhere = this.#upstreams.value ?? [];
    return [
      ...(this.#models.store?.installed(TASK) ?? []),
      ...elsewhere.flatMap(({ alias, name, requests, isUsed }) =>
        isUsed && requests.includes('completions') ? [{ id: alias, name: msg(str`${alias} (${name})`), elsewhere: name }] : [],
      ),
    ];
  }

  #desk(model: Writer, writers: readonly Writer[]) {
    const { running, status, text } = this.#generation;
    return html`
      <div class="desk">
        <div class="stack paper">
          <form class="card composer" @submit=${this.#onSubmit} @keydown=${this.#onKeydown}>
            <wa-textarea
              label=${msg('Beginning of the text')}
              rows="4"
              resize="auto"
              placeholder=${msg('Once upon a time…')}
              .value=${live(this.prompt)}
              @input=${this.#onPrompt}
            ></wa-textarea>
            ${this.prompt ? nothing : this.#ideas()}
            ${model.elsewhere === undefined ? nothing : html`<p class="small" role="status">${msg(str`${model.elsewhere} computes the answer: what you write is sent there.`)}</p>`}
            <sill-answer-form .form=${this.form} @sill-form=${this.#onForm}></sill-answer-form>
            <div class="row spread">
              <sill-model-picker .models=${writers} value=${model.id} ?disabled=${running} @sill-model=${this.#onModel}></sill-model-picker>
              <div class="row">
                ${running ? nothing : html`<span class="quiet small keys">${isApple() ? '⌘' : msg('Ctrl')} + ${msg('Enter')}</span>`}
                ${
                  running
                    ? html`<wa-button variant="neutral" @click=${() => this.#generation.stop()}><wa-icon slot="start" name="stop"></wa-icon>${msg('Stop')}</wa-button>`
                    : html`<wa-button variant="brand" ?disabled=${this.prompt.trim() === '' || 'wrong' in responseFormat(this.form)} @click=${this.#generate}>${msg('Write on')}</wa-button>`
                }
              </div>
            </div>
          </form>
          ${
            status === 'idle'
              ? nothing
              : html`<sill-write-result
                  .generation=${this.#generation}
                  .text=${text}
                  .status=${status}
                  ?loaded=${model.loaded !== undefined}
                  model=${model.id}
                  @sill-continue=${this.#onContinue}
                  @sill-clear=${this.#onClear}
                ></sill-write-result>`
          }
          ${this.#speeds.length > 1 ? html`<sill-speed-chart .speeds=${this.#speeds}></sill-speed-chart>` : nothing}
        </div>
        <details class="card settings" ?open=${matchMedia('(min-width: 64rem)').matches}>
          <summary><h2>${msg('Settings')}</h2></summary>
          <sill-write-settings .settings=${this.settings} .contextLength=${model.contextLength} @sill-settings=${this.#onSettings}></sill-write-settings>
        </details>
      </div>
    `;
  }

  #ideas() {
    return html`
      <div class="ideas" role="group" aria-label=${msg('Ideas to begin with')}>
        ${IDEAS.map((idea) => html`<button type="button" lang="en" @click=${() => this.#setPrompt(idea)}>${idea}</button>`)}
      </div>
    `;
  }

  #onPrompt(event: Event): void {
    this.#setPrompt((event.target as HTMLTextAreaElement).value);
  }

  #setPrompt(prompt: string): void {
    this.prompt = prompt;
    writePreference('write.prompt', prompt);
  }

  #onModel(event: CustomEvent<string>): void {
    this.#choice.choose(event.detail);
  }

  #onSettings(event: CustomEvent<Settings>): void {
    this.settings = event.detail;
    writePreference('write.settings', event.detail);
  }

  #onForm(event: CustomEvent<AnswerForm>): void {
    this.form = event.detail;
    writePreference('write.form', event.detail);
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    void this.#generate();
  }

  #onKeydown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void this.#generate();
  }

  #onContinue(): void {
    this.#setPrompt(this.#generation.prompt + this.#generation.text);
    void this.#generate();
  }

  #onClear(): void {
    this.#generation.clear();
    this.#setPrompt('');
    this.field.focus();
  }

  readonly #generate = async (): Promise<void> => {
    const sill = this.#sill.value;
    const activity = this.#activity.value;
    const writers = this.#writers;
    const model = this.#choice.of(writers);
    const form = responseFormat(this.form);
    if (!sill || !activity || !model || this.prompt.trim() === '' || 'wrong' in form) return;
    const seed = this.settings.fixedSeed ? this.settings.seed : newSeed();
    this.settings = { ...this.settings, seed };
    const { temperature, topP, topK, minP, repetitionPenalty, presencePenalty, frequencyPenalty, maxTokens } = this.settings;
    await this.#generation.run(sill, activity, {
      model: model.id,
      prompt: this.prompt,
      temperature,
      top_p: topP,
      top_k: topK,
      min_p: minP,
      repetition_penalty: repetitionPenalty,
      presence_penalty: presencePenalty,
      frequency_penalty: frequencyPenalty,
      max_tokens: maxTokens,
      response_format: form.format,
      seed,
    });
    const run = this.#generation.result?.run;
    const tokensPerSecond = run?.timings.decode_tokens_per_second;
    if (run?.computed_by === 'device' && tokensPerSecond !== undefined)
      await this.#compare({ tokensPerSecond, ttftMs: run.timings.ttft_ms, variant: run.variant });
  };

  /** One answer's speed says little, so the last ones are drawn beside each other. The chart comes when there is something to compare. */
  async #compare(speed: AnswerSpeed): Promise<void> {
    this.#speeds = [...this.#speeds, speed].slice(-COMPARED_ANSWERS);
    if (this.#speeds.length > 1) await import('./speed-chart.ts');
    this.requestUpdate();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-write-view': SillWriteView;
  }
}
