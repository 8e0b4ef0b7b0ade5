import '../elements/error-note.ts';
import '../elements/progress-line.ts';
import '../notices/tell-me.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { EvaluationProgress, EvaluationRun } from '../../protocol/evaluations.ts';
import { SillElement } from '../element.ts';
import { Undo } from '../elements/undo.ts';
import { EvaluationsController } from '../evaluations-controller.ts';
import { formatNumber } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { good } from '../styles/good.ts';
import { shared } from '../styles/shared.ts';
import { timeLeftWords } from '../words.ts';
import { passedWords, phaseWords } from './evaluation-words.ts';

/**
 * The run of this page: how far it is, and how it ended.
 *
 * @fires sill-show with a run's id as detail
 */
@customElement('sill-evaluation-run')
export class SillEvaluationRun extends SillElement {
  static override styles = [
    shared,
    good,
    css`
      h2 {
        margin-bottom: var(--sill-space-12);
      }
    `,
  ];

  readonly #evaluations = new EvaluationsController(this);
  readonly #models = new ModelsController(this);
  readonly #undo = new Undo(this);

  override render() {
    const { store } = this.#evaluations;
    const page = store?.run;
    if (!page) return nothing;
    switch (page.kind) {
      case 'running':
        return html`
          <section class="card" aria-labelledby="running">
            <h2 id="running">${msg(str`${this.#models.nameOf(page.model)} is being evaluated`)}</h2>
            <sill-progress
              label=${msg('Evaluation')}
              .fraction=${page.progress && page.progress.total > 0 ? page.progress.done / page.progress.total : undefined}
              .words=${page.progress ? progressWords(page.progress) : msg('Starting…')}
            >
              <wa-button size="s" appearance="outlined" @click=${() => store.pause()}><wa-icon slot="start" name="pause"></wa-icon>${msg('Pause')}</wa-button>
              <wa-button size="s" appearance="outlined" @click=${() => this.#cancel()}><wa-icon slot="start" name="stop"></wa-icon>${msg('Cancel')}</wa-button>
            </sill-progress>
            <sill-tell-me></sill-tell-me>
          </section>
        `;
      case 'done':
        return html`
          <p class="card good" role="status">
            <wa-icon name="ok"></wa-icon>
            <span>${msg(str`Passed: ${passedWords(page.run)}.`)} <button class="link" @click=${() => this.emit('sill-show', page.run.id)}>${msg('Show its cases')}</button></span>
          </p>
        `;
      case 'paused':
        return html`<p class="card row" role="status"><span>${page.id === undefined ? msg('Stopped before its first case.') : msg('Paused. The cases that were judged are kept.')}</span>${this.#goOn(page.id)}</p>`;
      case 'cancelled':
        return html`<p class="card quiet" role="status">${msg('Cancelled. Nothing of this run was kept.')}</p>`;
      case 'failed':
        return html`<sill-error .error=${page.error.toData()}>${this.#kept(page.id)}${this.#goOn(page.id)}</sill-error>`;
    }
  }

  #cancel(): void {
    this.#evaluations.store?.cancel((bring) =>
      this.#undo.offer(() => msg('The run was cancelled, and what it had judged is gone.'), bring),
    );
  }

  #find(id: string | undefined): EvaluationRun | undefined {
    return this.#evaluations.store?.list?.runs.find((each) => each.id === id);
  }

  #kept(id: string | undefined) {
    const run = this.#find(id);
    if (!run || run.verdicts.length === 0) return nothing;
    return html`<p>${msg(str`Judged and kept: ${formatNumber(run.verdicts.length)} of ${formatNumber(run.suite.cases)}.`)}</p>`;
  }

  /** Where something of it is kept. */
  #goOn(id: string | undefined) {
    const run = this.#find(id);
    if (!run || run.state === 'complete') return nothing;
    return html`
      <wa-button size="s" appearance="outlined" @click=${() => this.#evaluations.store?.resume(run)}>
        <wa-icon slot="start" name="continue"></wa-icon>${msg('Go on')}
      </wa-button>
    `;
  }
}

const progressWords = (progress: EvaluationProgress): string =>
  [
    phaseWords(progress),
    msg(str`${formatNumber(progress.done)} of ${formatNumber(progress.total)} judged, ${formatNumber(progress.passed)} passed`),
    progress.secondsLeft === undefined ? '' : timeLeftWords(progress.secondsLeft),
  ]
    .filter(Boolean)
    .join(' · ');

declare global {
  interface HTMLElementTagNameMap {
    'sill-evaluation-run': SillEvaluationRun;
  }
}
