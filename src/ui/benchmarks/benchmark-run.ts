import '../elements/error-note.ts';
import '../elements/progress-line.ts';
import '../notices/tell-me.ts';
import './benchmark-result.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { BenchmarkProgress } from '../../protocol/benchmarks.ts';
import { BenchmarksController } from '../benchmarks-controller.ts';
import { SillElement } from '../element.ts';
import { formatNumber } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { shared } from '../styles/shared.ts';
import { timeLeftWords } from '../words.ts';
import { phaseWords } from './benchmark-words.ts';

/** The run of this page: how far it is, and how it ended. */
@customElement('sill-benchmark-run')
export class SillBenchmarkRun extends SillElement {
  static override styles = [
    shared,
    css`
      h2 {
        margin-bottom: var(--sill-space-12);
      }
      .stopped {
        color: var(--wa-color-text-quiet);
      }
    `,
  ];

  readonly #benchmarks = new BenchmarksController(this);
  readonly #models = new ModelsController(this);

  override render() {
    const run = this.#benchmarks.store?.run;
    if (!run) return nothing;
    switch (run.kind) {
      case 'running':
        return html`
          <section class="card" aria-labelledby="running">
            <h2 id="running">${msg(str`${this.#models.nameOf(run.model)} is being measured`)}</h2>
            <sill-progress
              label=${msg('Benchmark')}
              .fraction=${run.progress && run.progress.total > 0 ? run.progress.done / run.progress.total : undefined}
              .words=${run.progress ? progressWords(run.progress) : msg('Starting…')}
            >
              <wa-button size="s" appearance="outlined" @click=${() => this.#benchmarks.store?.stop()}>
                <wa-icon slot="start" name="stop"></wa-icon>${msg('Stop')}
              </wa-button>
            </sill-progress>
            <sill-tell-me></sill-tell-me>
          </section>
        `;
      case 'done':
        return html`
          <div class="stack" role="status">
            ${run.outcome.notStored ? html`<sill-error mild .error=${run.outcome.notStored}>${msg('This result is only here, until the page is closed: it could not be stored.')}</sill-error>` : nothing}
            <sill-benchmark-result .result=${run.outcome}></sill-benchmark-result>
          </div>
        `;
      case 'stopped':
        return html`<p class="card stopped" role="status">${msg('The benchmark was stopped.')} ${this.#keptWords(run.id)}</p>`;
      case 'failed':
        return html`<sill-error .error=${run.error.toData()}>${run.id === undefined ? nothing : html`<p>${this.#keptWords(run.id)}</p>`}</sill-error>`;
    }
  }

  /** By what is stored: a run that ends before anything was measured leaves no record, and one that was stopped is written a moment later. */
  #keptWords(id: string | undefined): string {
    const { list } = this.#benchmarks.store ?? {};
    if (!list) return '';
    const kept = list.results.find((result) => result.id === id);
    if (!kept) return msg('Nothing of it is kept.');
    if (kept.figures.length > 0) return msg('What was measured until then is kept, and marked as not comparable.');
    return '';
  }
}

const progressWords = (progress: BenchmarkProgress): string =>
  [
    phaseWords(progress),
    msg(str`${formatNumber(progress.done)} of ${formatNumber(progress.total)}`),
    progress.secondsLeft === undefined ? '' : timeLeftWords(progress.secondsLeft),
  ]
    .filter(Boolean)
    .join(' · ');

declare global {
  interface HTMLElementTagNameMap {
    'sill-benchmark-run': SillBenchmarkRun;
  }
}
