import '../elements/model-picker.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type CustomPlan, isMeasured, PRESETS, type Preset, planBenchmark, secondsOf } from '../../core/benchmark/plan.ts';
import { type BenchmarkResult, speedsOf } from '../../core/benchmark/result.ts';
import { FALLBACK_CONTEXT } from '../../core/fallbackContext.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { SillElement } from '../element.ts';
import { formatSpan } from '../format.ts';
import { RouteParams } from '../route-params.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { presetHint, presetWords } from './benchmark-words.ts';

interface Field {
  readonly key: 'promptTokens' | 'generatedTokens' | 'depth' | 'repetitions';
  readonly label: () => string;
  readonly least: number;
  readonly most: number;
}
const FIELDS: readonly Field[] = [
  { key: 'promptTokens', label: () => msg('Tokens of the prompt'), least: 1, most: 131_072 },
  { key: 'generatedTokens', label: () => msg('Tokens to write'), least: 1, most: 131_072 },
  { key: 'depth', label: () => msg('Tokens in the context before'), least: 0, most: 131_072 },
  { key: 'repetitions', label: () => msg('Repetitions'), least: 1, most: 100 },
];

/**
 * Which model to measure, and how.
 *
 * @fires sill-model with the model's id as detail
 * @fires sill-run with `{ preset, custom }` as detail
 */
@customElement('sill-benchmark-form')
export class SillBenchmarkForm extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      form {
        display: grid;
        gap: var(--sill-space-16);
      }
      fieldset {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr));
        gap: var(--sill-space-8);
      }
      .preset {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0 var(--sill-space-10);
        align-content: start;
        padding: var(--sill-space-12);
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-m);
        cursor: pointer;
      }
      .preset:has(input:checked) {
        border-color: var(--sill-control);
        background: var(--sill-mark);
      }
      .preset input {
        margin: var(--sill-space-4) 0 0;
        width: 1.0625rem;
        height: 1.0625rem;
        accent-color: var(--sill-control);
      }
      .preset .name {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 var(--sill-space-8);
        font-weight: 600;
      }
      .preset .time {
        font-weight: 400;
        font-size: var(--wa-font-size-s);
        color: var(--wa-color-text-quiet);
        font-variant-numeric: tabular-nums;
      }
      .hint {
        grid-column: 2;
        font-size: var(--wa-font-size-s);
        line-height: 1.4;
        color: var(--wa-color-text-quiet);
      }
      .custom {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr));
        gap: var(--sill-space-12);
      }
    `,
  ];

  @property({ attribute: false }) models: readonly ModelSummary[] = [];
  @property({ attribute: false }) model!: ModelSummary;
  /** Of all models, newest first: they tell how long a run takes. */
  @property({ attribute: false }) results: readonly BenchmarkResult[] = [];
  @property({ type: Boolean }) disabled = false;
  readonly #params = new RouteParams(this, 'benchmarks');
  @state() private custom: CustomPlan = { promptTokens: 128, generatedTokens: 32, depth: 0, repetitions: 3 };

  get #presets(): readonly Preset[] {
    return this.model.task === 'text-generation' ? PRESETS : PRESETS.filter((each) => each !== 'sweep' && each !== 'custom');
  }

  get #preset(): Preset {
    return this.#presets.find((each) => each === this.#params.get('preset')) ?? 'quick';
  }

  override render() {
    const presets = this.#presets;
    return html`
      <form class="card" @submit=${this.#onSubmit}>
        <sill-model-picker .models=${this.models} value=${this.model.id} ?disabled=${this.disabled} @sill-model=${this.#onModel}></sill-model-picker>
        <fieldset ?disabled=${this.disabled}>
          <legend>${msg('What to measure')}</legend>
          ${presets.map((preset) => this.#choice(preset))}
        </fieldset>
        ${this.#preset === 'custom' ? html`<div class="custom">${FIELDS.map((field) => this.#field(field))}</div>` : nothing}
        <div class="row">
          <wa-button type="submit" variant="brand" ?disabled=${this.disabled}><wa-icon slot="start" name="play"></wa-icon>${msg('Run benchmark')}</wa-button>
          <span class="quiet small">${msg('Keep this page in front and leave the device alone meanwhile. Requests to the model go first.')}</span>
        </div>
      </form>
    `;
  }

  #choice(preset: Preset) {
    const seconds = this.#secondsOf(preset);
    return html`
      <label class="preset">
        <input type="radio" name="preset" value=${preset} .checked=${this.#preset === preset} @change=${() => this.#choose(preset)} />
        <span class="name">
          ${presetWords(preset)} <span class="time">${seconds === undefined ? nothing : msg(str`about ${formatSpan(seconds)}`)}</span>
        </span>
        <span class="hint">${presetHint(preset, this.model.task)}</span>
      </label>
    `;
  }

  #field({ key, label, least, most }: Field) {
    return html`
      <div class="field">
        <label for=${key}>${label()}</label>
        <input
          id=${key}
          type="number"
          inputmode="numeric"
          required
          min=${least}
          max=${most}
          ?disabled=${this.disabled}
          .value=${String(this.custom[key] ?? '')}
          @input=${(event: Event) => this.#set(key, event)}
        />
      </div>
    `;
  }

  /** By the speeds of the last run of this model here; unknown before the first. */
  #secondsOf(preset: Preset): number | undefined {
    const { task, contextLength = FALLBACK_CONTEXT } = this.model;
    if (!isMeasured(task)) return undefined;
    const last = this.results.find(
      ({ model, source, state }) => model.id === this.model.id && source === undefined && state === 'complete',
    );
    try {
      return secondsOf(
        planBenchmark(preset, { task, contextLength }, preset === 'custom' ? this.custom : {}),
        speedsOf(last?.figures ?? []),
      );
    } catch {
      // What does not fit is said by the run.
      return undefined;
    }
  }

  #choose(preset: Preset): void {
    this.#params.set({ preset: preset === 'quick' ? '' : preset });
  }

  #set(key: Field['key'], event: Event): void {
    const value = (event.target as HTMLInputElement).valueAsNumber;
    this.custom = { ...this.custom, [key]: Number.isInteger(value) ? value : undefined };
  }

  #onModel(event: CustomEvent<string>): void {
    this.emit('sill-model', event.detail);
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    this.emit('sill-run', { preset: this.#preset, ...(this.#preset === 'custom' ? { custom: this.custom } : {}) });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-benchmark-form': SillBenchmarkForm;
  }
}
