import '../elements/file-drop.ts';
import '../transcribe/recorder-panel.ts';
import './run-picture.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/textarea/textarea.js';
import { msg } from '@lit/localize';
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { TASK_INPUTS, type Task } from '../../core/tasks.ts';
import type { PageInput } from '../../protocol/tasks.ts';
import { SillElement } from '../element.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { optionFields, optionsOf } from './options.ts';

export interface Filled {
  readonly input: PageInput;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Fields for whatever a task works on.
 *
 * @slot - beside the button that runs it
 * @fires sill-run with what was filled in as detail
 */
@customElement('sill-run-form')
export class SillRunForm extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .sources {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr));
        gap: var(--sill-space-16);
      }
      .options {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr));
        gap: var(--sill-space-16);
        align-items: end;
      }
      audio {
        width: 100%;
      }
    `,
  ];

  @property() task!: Task;
  @property({ type: Boolean }) running = false;
  @state() private texts: Readonly<Record<string, string>> = {};
  @state() private options: Readonly<Record<string, string>> = {};
  @state() private file: Blob | undefined;
  #soundUrl: string | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#setFile(undefined);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('task');
    if (before === undefined || TASK_INPUTS[before] === TASK_INPUTS[this.task]) return;
    // A picture is nothing to listen to.
    this.#setFile(undefined);
    this.options = {};
  }

  override render() {
    return html`
      <form class="stack" @submit=${this.#submit}>
        ${this.#inputs()} ${this.#options()}
        <div class="row">
          <wa-button type="submit" variant="brand" ?disabled=${this.running || this.#filled() === undefined}>
            <wa-icon slot="start" name="play"></wa-icon>${msg('Run')}
          </wa-button>
          <slot></slot>
        </div>
      </form>
    `;
  }

  #inputs(): TemplateResult {
    switch (TASK_INPUTS[this.task]) {
      case 'prompt':
      case 'texts':
      case 'text':
        return this.#area('text', msg('Text'), 5);
      case 'text-labels':
        return html`${this.#area('text', msg('Text'), 5)}${this.#labels()}`;
      case 'question-context':
        return html`${this.#line('question', msg('Question'))}${this.#area('context', msg('Text that has the answer'), 8)}`;
      case 'image':
        return this.#image();
      case 'image-labels':
        return html`${this.#image()}${this.#labels()}`;
      case 'image-question':
        return html`${this.#image()}${this.#line('question', msg('Question'))}`;
      case 'audio':
        return this.#audio();
      case 'audio-labels':
        return html`${this.#audio()}${this.#labels()}`;
    }
  }

  #area(name: string, label: string, rows: number): TemplateResult {
    const hint = this.task === 'fill-mask' ? msg('Write [MASK], or what the model uses in its place, where a word is missing.') : '';
    return html`
      <wa-textarea
        name=${name}
        label=${label}
        hint=${hint}
        rows=${rows}
        resize="auto"
        ?disabled=${this.running}
        .value=${this.texts[name] ?? ''}
        @input=${this.#onText}
      ></wa-textarea>
    `;
  }

  #line(name: string, label: string, hint = ''): TemplateResult {
    return html`
      <div class="field">
        <label for=${name}>${label}</label>
        <input
          id=${name}
          name=${name}
          type="text"
          autocomplete="off"
          ?disabled=${this.running}
          aria-describedby=${`${name}-hint`}
          .value=${this.texts[name] ?? ''}
          @input=${this.#onText}
        />
        <span id=${`${name}-hint`} class="hint">${hint}</span>
      </div>
    `;
  }

  #labels(): TemplateResult {
    return this.#line('labels', msg('Labels'), msg('Separated by commas, as: sport, politics, weather'));
  }

  #image(): TemplateResult {
    return html`
      <sill-file-drop accept="image/*" label=${msg('Choose a picture')} ?disabled=${this.running} @sill-files=${this.#onFiles}>
        ${msg('Any format that this browser can show.')}
      </sill-file-drop>
      ${this.file ? html`<sill-run-picture .picture=${this.file} label=${msg('The picture that you chose')}></sill-run-picture>` : nothing}
    `;
  }

  #audio(): TemplateResult {
    return html`
      <div class="sources">
        <sill-recorder ?disabled=${this.running} @sill-recorded=${this.#onRecorded}></sill-recorder>
        <sill-file-drop accept="audio/*,video/*" label=${msg('Choose an audio file')} ?disabled=${this.running} @sill-files=${this.#onFiles}>
          ${msg('Any format that this browser can play.')}
        </sill-file-drop>
      </div>
      ${this.#soundUrl === undefined ? nothing : html`<audio controls src=${this.#soundUrl} aria-label=${msg('The recording that you chose')}></audio>`}
    `;
  }

  #options() {
    const all = optionFields(this.task);
    if (all.length === 0) return nothing;
    return html`
      <div class="options">
        ${all.map(({ name, label, hint, kind }) =>
          kind === 'check'
            ? html`<label class="check"><input name=${name} type="checkbox" ?disabled=${this.running} .checked=${this.options[name] === 'true'} @change=${this.#onOption} />${label}</label>`
            : html`
                <div class="field">
                  <label for=${name}>${label}</label>
                  <input
                    id=${name}
                    name=${name}
                    type=${kind === 'text' ? 'text' : 'number'}
                    min="0"
                    max=${kind === 'share' ? 1 : nothing}
                    step=${kind === 'share' ? 0.05 : 1}
                    placeholder=${hint}
                    autocomplete="off"
                    ?disabled=${this.running}
                    .value=${this.options[name] ?? ''}
                    @input=${this.#onOption}
                  />
                </div>
              `,
        )}
      </div>
    `;
  }

  /** What the fields hold, if that is enough to run. */
  #filled(): PageInput | undefined {
    const { text = '', question = '', context = '', labels = '' } = this.texts;
    const candidate_labels = labels
      .split(/[,\n]/)
      .map((label) => label.trim())
      .filter(Boolean);
    const labelled = candidate_labels.length > 0;
    const { file } = this;
    switch (TASK_INPUTS[this.task]) {
      case 'prompt':
      case 'texts':
      case 'text':
        return text.trim() === '' ? undefined : text;
      case 'text-labels':
        return text.trim() === '' || !labelled ? undefined : { text, candidate_labels };
      case 'question-context':
        return question.trim() === '' || context.trim() === '' ? undefined : { question, context };
      case 'image':
        return file && { image: file };
      case 'image-labels':
        return file && labelled ? { image: file, candidate_labels } : undefined;
      case 'image-question':
        return file && question.trim() !== '' ? { image: file, question } : undefined;
      case 'audio':
        return file && { audio: file };
      case 'audio-labels':
        return file && labelled ? { audio: file, candidate_labels } : undefined;
    }
  }

  #submit(event: Event): void {
    event.preventDefault();
    const input = this.#filled();
    if (input === undefined || this.running) return;
    this.emit<Filled>('sill-run', { input, options: optionsOf(this.task, this.options) });
  }

  #onText(event: Event): void {
    const { name, value } = event.target as HTMLInputElement;
    this.texts = { ...this.texts, [name]: value };
  }

  #onOption(event: Event): void {
    const { name, type, checked, value } = event.target as HTMLInputElement;
    this.options = { ...this.options, [name]: type === 'checkbox' ? String(checked) : value };
  }

  #onFiles(event: CustomEvent<readonly File[]>): void {
    this.#setFile(event.detail[0]);
  }

  #onRecorded(event: CustomEvent<Blob>): void {
    this.#setFile(event.detail);
  }

  #setFile(file: Blob | undefined): void {
    if (this.#soundUrl !== undefined) URL.revokeObjectURL(this.#soundUrl);
    this.#soundUrl = file && TASK_INPUTS[this.task].startsWith('audio') ? URL.createObjectURL(file) : undefined;
    this.file = file;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-run-form': SillRunForm;
  }
}
