import '../run/run-form.ts';
import '../run/run-result.ts';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Task } from '../../core/tasks.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';
import { SillElement } from '../element.ts';
import { errorWords } from '../errors.ts';
import { ModelsController } from '../models-controller.ts';
import type { Filled } from '../run/run-form.ts';
import { Running } from '../run/running.ts';
import { shared } from '../styles/shared.ts';
import { kioskControls, kioskType } from './kiosk.styles.ts';
import { kioskTask } from './kiosk-task.styles.ts';
import { taskWordsOf } from './kiosk-words.ts';
import { reportAnswer } from './report-answer.ts';

/**
 * Any other task of a model, with the form that its view has.
 *
 * @fires sill-kiosk-answer as `sill-kiosk-chat`
 */
@customElement('sill-kiosk-run')
export class SillKioskRun extends SillElement {
  static override styles = [
    shared,
    kioskType,
    kioskControls,
    kioskTask,
    css`
      /* A form may be taller than the screen. */
      .outcome {
        grid-row: 1 / -1;
        display: grid;
        align-content: start;
        gap: 1em;
      }
    `,
  ];

  @property({ attribute: false }) sill!: Sill;
  @property({ attribute: false }) activity!: Activity;
  @property() model = '';
  readonly #models = new ModelsController(this);
  readonly #running = new Running(this);
  #task: Task | undefined;

  override render() {
    // A list that lacks the model for a moment takes nothing away.
    this.#task = this.#models.store?.list?.models.find(({ id }) => id === this.model)?.task ?? this.#task;
    const task = this.#task;
    if (!task) return nothing;
    const { running, result, error, wish } = this.#running;
    return html`
      <div class="outcome" tabindex="0" role="region" aria-label=${taskWordsOf('run').title}>
      <sill-run-form .task=${task} ?running=${running} @sill-run=${this.#onRun}>
        ${running ? html`<button @click=${() => this.#running.stop()}>${msg('Stop')}</button>` : nothing}
      </sill-run-form>
      <div aria-live="polite" aria-busy=${running}>
        ${error ? html`<p role="alert"><strong>${errorWords(error).title}.</strong> ${errorWords(error).advice}</p>` : nothing}
        ${result && wish ? html`<sill-run-result .result=${result} .input=${wish.input}></sill-run-result>` : nothing}
      </div>
      </div>
    `;
  }

  async #onRun({ detail: { input, options } }: CustomEvent<Filled>): Promise<void> {
    await this.#running.run(this.sill, this.activity, { model: this.model, input, options });
    reportAnswer(this, this.#running.error);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-kiosk-run': SillKioskRun;
  }
}
