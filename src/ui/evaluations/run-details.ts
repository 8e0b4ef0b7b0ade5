import '../elements/error-note.ts';
import './case-list.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import { retentionOf } from '../../core/evaluationComparison.ts';
import { bitsPerByteOfRun, type EvaluationRun, perplexityOfRun, scoreOf } from '../../core/evaluationRun.ts';
import { shortRevision } from '../../core/ids.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { metric, metricStyles } from '../elements/metrics.ts';
import { errorWords } from '../errors.ts';
import { formatDate, formatDuration, formatNumber, formatPercent, formatScore, plural } from '../format.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { passedWords, runStateWords, suiteName } from './evaluation-words.ts';

/**
 * One run: what it was asked on what, how it stands to its baseline, and its cases.
 *
 * @fires sill-baseline with `{ id, baseline }` as detail
 */
@customElement('sill-run-details')
export class SillRunDetails extends SillElement {
  static override styles = [
    shared,
    marks,
    metricStyles,
    css`
      .card {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--sill-space-16);
      }
    `,
  ];

  @property({ attribute: false }) run!: EvaluationRun;
  /** What it is held against. */
  @property({ attribute: false }) baseline: EvaluationRun | undefined;
  @property({ attribute: false }) names: ReadonlyMap<string, string> = new Map();

  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  /** Again with each case that was judged, while it runs. */
  readonly #details = new Task(this, {
    args: () => [this.#sill.value, this.run.id, this.run.verdicts.length] as const,
    task: async ([sill, id]) => sill?.evaluations.get(id),
  });

  override render() {
    const { run } = this;
    return html`
      <article class="card" aria-label=${msg(str`Run ${run.number}: ${run.model.name}`)}>
        <div class="row spread">
          <h2>${msg(str`Run ${run.number}`)} <span class="quiet">${run.model.name} ${run.model.variant}</span></h2>
          <span class="row">
            <span class="mark">${runStateWords(run.state)}</span>
            ${
              run.state === 'running'
                ? nothing
                : html`<wa-button size="s" appearance="outlined" @click=${() => this.emit('sill-baseline', { id: run.id, baseline: !run.baseline })}>
                    <wa-icon slot="start" name="pin"></wa-icon>${run.baseline ? msg('No baseline any more') : msg('Make it the baseline')}
                  </wa-button>`
            }
          </span>
        </div>
        ${run.error ? html`<p class="note warn"><wa-icon name="warning"></wa-icon><span>${errorWords(run.error).title}. ${errorWords(run.error).advice} <span class="quiet small" lang="en">${run.error.message}</span></span></p>` : nothing}
        ${this.#retention()}
        ${this.#cases()}
        ${this.#facts()}
      </article>
    `;
  }

  #retention() {
    const { baseline, run } = this;
    if (!baseline) return nothing;
    const { passedBefore, retained, lost, gained } = retentionOf(baseline, run);
    if (passedBefore === 0) return nothing;
    const share = formatPercent(retained / passedBefore);
    const kept = plural(
      passedBefore,
      msg(str`Of the one case that passed in the baseline (run ${baseline.number}), ${formatNumber(retained)} passes: ${share}.`),
      plural(
        retained,
        msg(str`Of the ${formatNumber(passedBefore)} cases that passed in the baseline (run ${baseline.number}), 1 passes: ${share}.`),
        msg(
          str`Of the ${formatNumber(passedBefore)} cases that passed in the baseline (run ${baseline.number}), ${formatNumber(retained)} pass: ${share}.`,
        ),
      ),
    );
    const edited = baseline.suite.digest === run.suite.digest ? nothing : html` ${msg('The suite was edited in between.')}`;
    return html`
      <p class="note ${lost.length > 0 ? 'bad' : 'wait'}" role="note">
        <wa-icon name=${lost.length > 0 ? 'warning' : 'ok'}></wa-icon>
        <span>
          ${kept}${lost.length > 0 ? html` ${msg(str`Lost: ${lost.join(', ')}.`)}` : nothing}${gained.length > 0 ? html` ${msg(str`Gained: ${gained.join(', ')}.`)}` : nothing}${edited}
        </span>
      </p>
    `;
  }

  #cases() {
    const details = this.#details.value;
    if (this.#details.error && !details) return html`<sill-error .error=${toSillError(this.#details.error)}></sill-error>`;
    if (!details) return html`<p class="quiet" role="status">${msg('Reading the cases…')}</p>`;
    return html`
      ${details.unreadable > 0 ? html`<p class="quiet small">${plural(details.unreadable, msg('1 case was written by another version of the app. It is kept, and shown by that version.'), msg(str`${formatNumber(details.unreadable)} cases were written by another version of the app. They are kept, and shown by that version.`))}</p>` : nothing}
      <sill-case-list .cases=${details.cases}></sill-case-list>
    `;
  }

  #facts() {
    const { run, names } = this;
    const { model, place, versions, embedder, startedAtMs, tookMs, decodeTokensPerSecond, suite } = run;
    const [score, perplexity, bits] = [scoreOf(run), perplexityOfRun(run), bitsPerByteOfRun(run)];
    return html`
      <dl class="metrics">
        ${metric(msg('Passed'), passedWords(run))}
        ${score === undefined ? nothing : metric(msg('Score'), formatScore(score))}
        ${perplexity === undefined ? nothing : metric(msg('Perplexity'), formatNumber(perplexity, 3))}
        ${bits === undefined ? nothing : metric(msg('Bits per byte'), formatNumber(bits, 3))}
        ${decodeTokensPerSecond === undefined ? nothing : metric(msg('Speed'), msg(str`${formatNumber(decodeTokensPerSecond, 1)} tokens/s`))}
        ${metric(msg('Suite'), html`<span title=${suite.digest}>${suiteName(suite.id, names)}, ${shortRevision(suite.digest)}</span>`)}
        ${metric(msg('When'), html`<time datetime=${new Date(startedAtMs).toISOString()}>${formatDate(startedAtMs)}</time>`)}
        ${metric(msg('Took'), formatDuration(tookMs / 1000))}
        ${metric(msg('Where'), place.device === 'webgpu' ? (place.adapter ?? msg('graphics processor')) : plural(place.threads, msg('processor, 1 thread'), msg(str`processor, ${formatNumber(place.threads)} threads`)))}
        ${metric(msg('Revision'), html`<code title=${model.revision}>${shortRevision(model.revision)}</code>`)}
        ${embedder ? metric(msg('Meanings compared by'), embedder.id) : nothing}
        ${metric(msg('Versions'), `Sill ${versions.sill}, ONNX Runtime ${versions.onnxruntime}`)}
      </dl>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-run-details': SillRunDetails;
  }
}
