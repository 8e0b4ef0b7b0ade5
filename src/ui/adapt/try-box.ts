import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { activityContext, sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { Trial } from './trial.ts';

/** Asks one question of a model, as it is saved. */
@customElement('sill-try-box')
export class SillTryBox extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      form {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: end;
        gap: var(--sill-space-8);
      }
      .answer {
        margin-top: var(--sill-space-8);
        padding: var(--sill-space-10) var(--sill-space-12);
        max-height: 12rem;
        overflow: auto;
        border-radius: var(--wa-border-radius-m);
        background: var(--wa-color-surface-lowered);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      sill-error {
        margin-top: var(--sill-space-8);
      }
    `,
  ];

  @property() model = '';
  @state() private question = '';
  readonly #trial = new Trial(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #activity = new ContextConsumer(this, { context: activityContext });

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('model')) this.#trial.clear();
  }

  override render() {
    const { running, answer, error } = this.#trial;
    return html`
      <form @submit=${this.#onSubmit}>
        <div class="field">
          <label for="question">${msg('Try it')}</label>
          <input
            id="question"
            type="text"
            autocomplete="off"
            placeholder=${msg('Ask something')}
            .value=${live(this.question)}
            @input=${this.#onInput}
          />
        </div>
        ${
          running
            ? html`<wa-button @click=${() => this.#trial.stop()}>${msg('Stop')}</wa-button>`
            : html`<wa-button type="submit" appearance="outlined" ?disabled=${this.question.trim() === ''}>${msg('Ask')}</wa-button>`
        }
      </form>
      ${answer || running ? html`<p class="answer" role="region" tabindex="0" aria-label=${msg('Answer')} aria-busy=${running}>${answer}</p>` : nothing}
      ${error ? html`<sill-error .error=${error}></sill-error>` : nothing}
    `;
  }

  #onInput(event: Event): void {
    this.question = (event.target as HTMLInputElement).value;
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    const sill = this.#sill.value;
    const activity = this.#activity.value;
    if (sill && activity && this.question.trim() !== '') void this.#trial.ask(sill, activity, this.model, this.question);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-try-box': SillTryBox;
  }
}
