import '../elements/error-note.ts';
import '../elements/model-picker.ts';
import '../elements/progress-line.ts';
import './run-form.ts';
import './run-result.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { activityContext, sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { named } from '../elements/named.ts';
import { formatDuration } from '../format.ts';
import { ModelChoice } from '../model-choice.ts';
import { ModelsController } from '../models-controller.ts';
import { routeHref, viewOf } from '../routes.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';
import { deviceWords, taskWords } from '../words.ts';
import type { Filled } from './run-form.ts';
import { Running } from './running.ts';

/** Any task that has no view of its own: the fields that it needs, and its answer. */
@customElement('sill-run-view')
export class SillRunView extends SillElement {
  static override styles = [
    shared,
    viewStyles,
    css`
      .none {
        display: grid;
        justify-items: center;
        gap: var(--sill-space-12);
        padding: clamp(var(--sill-space-32), 6vw, var(--sill-space-64)) var(--sill-space-20);
        text-align: center;
      }
      .none wa-icon {
        font-size: var(--sill-icon-2xl);
        color: var(--sill-accent);
      }
      .none p {
        max-width: 32rem;
      }
      .text {
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    `,
  ];

  readonly #models = new ModelsController(this);
  readonly #running = new Running(this);
  readonly #choice = new ModelChoice(this, 'run');
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #activity = new ContextConsumer(this, { context: activityContext });

  get #candidates(): readonly ModelSummary[] {
    return this.#models.store?.list?.models.filter(({ task, installed }) => installed && viewOf(task) === 'run') ?? [];
  }

  override render() {
    const candidates = this.#candidates;
    const model = this.#choice.of(candidates);
    return html`
      ${viewHead('run')}
      ${model ? this.#workshop(model, candidates) : this.#none()}
    `;
  }

  #none() {
    const reading = this.#models.store?.list === undefined;
    if (reading) return html`<div class="card none" role="status"><p class="quiet">${msg('Looking for installed models…')}</p></div>`;
    return html`
      <div class="card none">
        <wa-icon name="run"></wa-icon>
        <h2>${msg('No model that runs here is installed')}</h2>
        <p class="quiet">
          ${msg('Models that classify, translate, detect or describe can be added from the sources that the operator of this site allows.')}
        </p>
        <p><a href=${routeHref('models')}>${msg('See all models')}</a></p>
      </div>
    `;
  }

  #workshop(model: ModelSummary, candidates: readonly ModelSummary[]) {
    const { running, status } = this.#running;
    return html`
      <div class="stack">
        <section class="card stack" aria-label=${msg('What it works on')}>
          <div class="row spread">
            <sill-model-picker .models=${candidates} value=${model.id} ?disabled=${running} @sill-model=${this.#onModel}></sill-model-picker>
            <p class="quiet small">${taskWords(model.task)}</p>
          </div>
          <sill-run-form .task=${model.task} ?running=${running} @sill-run=${(event: CustomEvent<Filled>) => this.#run(model, event.detail)}>
            ${running ? this.#stop() : nothing}
          </sill-run-form>
        </section>
        ${status === 'idle' || this.#running.wish?.model !== model.id ? nothing : this.#outcome()}
      </div>
    `;
  }

  #stop() {
    return html`<wa-button appearance="outlined" @click=${() => this.#running.stop()}>${named(msg('Stop'), msg('Stop the run'))}</wa-button>`;
  }

  #outcome() {
    const { status, result, error, progress, wish } = this.#running;
    return html`
      <section class="card stack" aria-label=${msg('Answer')} aria-busy=${status === 'running'}>
        <h2>${msg('Answer')}</h2>
        ${status === 'running' ? this.#progress() : nothing} ${error ? html`<sill-error .error=${error}></sill-error>` : nothing}
        ${status !== 'done' && progress?.text ? html`<p class="text">${progress.text}</p>` : nothing}
        ${status === 'stopped' ? html`<p role="status">${msg('Stopped.')}</p>` : nothing}
        ${result && wish ? html`<sill-run-result .result=${result} .input=${wish.input}></sill-run-result>` : nothing}
        ${result ? html`<p class="small quiet figures">${msg(str`${formatDuration(result.sill.run_ms / 1000)} on ${deviceWords(result.sill.device)}`)}</p>` : nothing}
        ${result?.sill.truncated ? html`<p class="small">${msg('The text is longer than this model reads: the answer is of its beginning. Give it the rest in parts.')}</p>` : nothing}
        <p class="visually-hidden" aria-live="polite">${status === 'done' ? msg('The answer is ready.') : nothing}</p>
      </section>
    `;
  }

  #progress() {
    const { done, total } = this.#running.progress ?? {};
    const fraction = done === undefined || !total ? undefined : done / total;
    return html`<sill-progress label=${msg('Running')} .fraction=${fraction} .words=${msg('The model is at work.')}></sill-progress>`;
  }

  #run(model: ModelSummary, { input, options }: Filled): void {
    const [sill, activity] = [this.#sill.value, this.#activity.value];
    if (sill && activity) void this.#running.run(sill, activity, { model: model.id, input, options });
  }

  #onModel(event: CustomEvent<string>): void {
    this.#running.clear();
    this.#choice.choose(event.detail);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-run-view': SillRunView;
  }
}
