import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import * as v from 'valibot';
import { SillElement } from '../element.ts';
import { formatNumber } from '../format.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { DEFAULT_SETTINGS, MAX_SEED, newSeed, type Settings, SettingsSchema } from './sampling.ts';

type NumberName = Exclude<keyof Settings, 'fixedSeed'>;

interface Field {
  readonly name: NumberName;
  readonly label: string;
  readonly hint: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/**
 * How the next word is chosen.
 *
 * @fires sill-settings with all settings as detail
 */
@customElement('sill-write-settings')
export class SillWriteSettings extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .stack {
        gap: var(--sill-space-16);
      }
      .more summary {
        cursor: pointer;
        font-weight: 500;
        font-size: var(--wa-font-size-s);
      }
      .more[open] summary {
        margin-bottom: var(--sill-space-12);
      }
      .seed {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: var(--sill-space-8);
        align-items: center;
      }
    `,
  ];

  @property({ attribute: false }) settings: Settings = DEFAULT_SETTINGS;
  /** The model's context: no answer can be longer. */
  @property({ attribute: false }) contextLength: number | undefined;

  override render() {
    return html`
      <div class="stack">
        ${this.#ranges().map((field) => this.#range(field))}
        ${this.#number({
          name: 'topK',
          label: msg('Top-k'),
          hint: msg('Choose among this many words only. 0 is no limit.'),
          min: 0,
          max: 200,
          step: 1,
        })}
        ${this.#number({
          name: 'maxTokens',
          label: msg('Length at most, in tokens'),
          hint: msg('A token is a word or a part of one.'),
          min: 1,
          max: Math.min(4096, this.contextLength ?? 4096),
          step: 1,
        })}
        ${this.#seed()}
        <details class="more">
          <summary>${msg('More')}</summary>
          <div class="stack">${this.#rareRanges().map((field) => this.#range(field))}</div>
        </details>
        <div><wa-button size="s" appearance="plain" @click=${this.#reset}>${msg('Reset to defaults')}</wa-button></div>
      </div>
    `;
  }

  #ranges(): Field[] {
    return [
      {
        name: 'temperature',
        label: msg('Temperature'),
        hint: msg('Low is predictable, high is inventive. 0 always takes the likeliest word.'),
        min: 0,
        max: 2,
        step: 0.05,
      },
      { name: 'topP', label: msg('Top-p'), hint: msg('Leaves out the unlikely words at the tail.'), min: 0.05, max: 1, step: 0.05 },
      {
        name: 'repetitionPenalty',
        label: msg('Repetition penalty'),
        hint: msg('Above 1, words that were used become less likely.'),
        min: 1,
        max: 2,
        step: 0.05,
      },
    ];
  }

  /** Shown when asked for: few need them. */
  #rareRanges(): Field[] {
    return [
      {
        name: 'minP',
        label: msg('Min-p'),
        hint: msg('Leaves out words that are less likely than this share of the likeliest.'),
        min: 0,
        max: 1,
        step: 0.01,
      },
      {
        name: 'presencePenalty',
        label: msg('Presence penalty'),
        hint: msg('Above 0, words that the answer has become less likely; below 0, likelier.'),
        min: -2,
        max: 2,
        step: 0.1,
      },
      {
        name: 'frequencyPenalty',
        label: msg('Frequency penalty'),
        hint: msg('The same, more with each time that a word came.'),
        min: -2,
        max: 2,
        step: 0.1,
      },
    ];
  }

  #range({ name, label, hint, min, max, step }: Field) {
    return html`
      <div class="field">
        <div class="top"><label for=${name}>${label}</label><output for=${name}>${formatNumber(this.settings[name], 2)}</output></div>
        <input
          id=${name}
          type="range"
          min=${min}
          max=${max}
          step=${step}
          .value=${live(String(this.settings[name]))}
          aria-describedby="${name}-hint"
          @input=${(event: Event) => this.#set(name, event)}
        />
        <p class="hint" id="${name}-hint">${hint}</p>
      </div>
    `;
  }

  #number({ name, label, hint, min, max, step }: Field) {
    return html`
      <div class="field">
        <label for=${name}>${label}</label>
        <input
          id=${name}
          type="number"
          min=${min}
          max=${max}
          step=${step}
          .value=${live(String(this.settings[name]))}
          aria-describedby="${name}-hint"
          @change=${(event: Event) => this.#set(name, event)}
        />
        <p class="hint" id="${name}-hint">${hint}</p>
      </div>
    `;
  }

  #seed() {
    return html`
      <div class="field">
        <label for="seed">${msg('Seed')}</label>
        <div class="seed">
          <input
            id="seed"
            type="number"
            min="0"
            max=${MAX_SEED}
            step="1"
            .value=${live(String(this.settings.seed))}
            aria-describedby="seed-hint"
            @change=${this.#setSeed}
          />
          <wa-button size="s" appearance="outlined" title=${msg('New seed')} @click=${this.#drawSeed}>
            <wa-icon name="dice" label=${msg('New seed')}></wa-icon>
          </wa-button>
        </div>
        <p class="hint" id="seed-hint">${msg('The same seed gives the same text on the same device.')}</p>
        <label class="check">
          <input type="checkbox" .checked=${live(this.settings.fixedSeed)} @change=${this.#setFixed} />${msg('Keep this seed')}
        </label>
      </div>
    `;
  }

  #set(name: NumberName, event: Event): void {
    const input = event.target as HTMLInputElement;
    this.#change({ [name]: clamp(input.valueAsNumber, Number(input.min), Number(input.max), this.settings[name]) });
  }

  #setSeed(event: Event): void {
    this.#set('seed', event);
    // A seed that was typed is meant.
    this.#change({ fixedSeed: true });
  }

  #setFixed(event: Event): void {
    this.#change({ fixedSeed: (event.target as HTMLInputElement).checked });
  }

  #drawSeed(): void {
    this.#change({ seed: newSeed() });
  }

  #reset(): void {
    this.#change(DEFAULT_SETTINGS);
  }

  #change(change: Partial<Settings>): void {
    const parsed = v.safeParse(SettingsSchema, { ...this.settings, ...change });
    if (parsed.success) {
      this.settings = parsed.output;
      this.dispatchEvent(new CustomEvent('sill-settings', { detail: parsed.output }));
    }
    // A refused value must leave the field.
    this.requestUpdate();
  }
}

const clamp = (value: number, low: number, high: number, fallback: number): number =>
  Number.isNaN(value) ? fallback : Math.min(high, Math.max(low, value));

declare global {
  interface HTMLElementTagNameMap {
    'sill-write-settings': SillWriteSettings;
  }
}
