import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/textarea/textarea.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { activityContext, sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { routeHref } from '../routes.ts';
import { shared } from '../styles/shared.ts';
import { Generation } from '../write/generation.ts';

/** Enough for a few sentences, soon over on a slow device. */
const MAX_TOKENS = 80;

/**
 * The end of the way in: one answer by the model that was just installed.
 *
 * @fires sill-answered when the first one is there
 */
@customElement('sill-first-answer')
export class SillFirstAnswer extends SillElement {
  static override styles = [
    shared,
    css`
      .card {
        display: grid;
        gap: var(--sill-space-16);
        border-color: var(--sill-accent);
      }
      .answer {
        font-family: var(--wa-font-family-longform);
        font-size: var(--wa-font-size-l);
        line-height: 1.6;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .given {
        color: var(--wa-color-text-quiet);
      }
    `,
  ];

  @property({ attribute: false }) model!: ModelSummary;
  /** In English, as the models to begin with write it. */
  @state() private prompt = 'Once upon a time, in a small house by the sea,';
  readonly #generation = new Generation(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #activity = new ContextConsumer(this, { context: activityContext });

  override render() {
    const { status, running, text, prompt, error } = this.#generation;
    return html`
      <section class="card" aria-labelledby="first">
        <h2 id="first">${msg(str`${this.model.name} is on this device. Ask it for a first answer.`)}</h2>
        <form class="stack" @submit=${this.#onSubmit}>
          <wa-textarea label=${msg('Beginning of the text')} rows="2" resize="auto" .value=${live(this.prompt)} @input=${this.#onPrompt}></wa-textarea>
          <div class="row">
            ${
              running
                ? html`<wa-button @click=${() => this.#generation.stop()}><wa-icon slot="start" name="stop"></wa-icon>${msg('Stop')}</wa-button>`
                : html`<wa-button variant="brand" ?disabled=${this.prompt.trim() === ''} @click=${this.#run}>${msg('Write on')}</wa-button>`
            }
          </div>
        </form>
        ${error ? html`<sill-error .error=${error.toData()}></sill-error>` : nothing}
        ${
          status === 'idle' || error
            ? nothing
            : html`<div role="region" aria-label=${msg('First answer')} aria-busy=${running}>
                <p class="answer" lang="en"><span class="given">${prompt}</span>${text}${running && text === '' ? html`<span class="quiet">…</span>` : nothing}</p>
              </div>`
        }
        ${
          status === 'done'
            ? html`<p role="status">
                ${msg('It was written here, on this device, without a network.')} <a href=${routeHref('write')}>${msg('Go on in Write')}</a>
              </p>`
            : nothing
        }
      </section>
    `;
  }

  #onPrompt(event: Event): void {
    this.prompt = (event.target as HTMLTextAreaElement).value;
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    void this.#run();
  }

  readonly #run = async (): Promise<void> => {
    const [sill, activity] = [this.#sill.value, this.#activity.value];
    if (!sill || !activity) return;
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    await this.#generation.run(sill, activity, { model: this.model.id, prompt: this.prompt, max_tokens: MAX_TOKENS, seed });
    if (this.#generation.status === 'done') this.emit('sill-answered');
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-first-answer': SillFirstAnswer;
  }
}
