import '../elements/error-note.ts';
import './case-list.ts';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import { casesOfBoth } from '../../core/evaluationComparison.ts';
import { bitsPerByteOfRun, type EvaluationRun, perplexityOfRun, scoreOf } from '../../core/evaluationRun.ts';
import { shortRevision } from '../../core/ids.ts';
import type { EvaluationCaseResult, EvaluationComparison } from '../../protocol/evaluations.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { formatNumber, formatPercent, formatScore } from '../format.ts';
import { figureStyles } from '../styles/figures.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { passedWords } from './evaluation-words.ts';

/** Two runs beside each other: their figures, what the second kept of the first, and each case. */
@customElement('sill-runs-compare')
export class SillRunsCompare extends SillElement {
  static override styles = [
    shared,
    marks,
    figureStyles,
    css`
      thead th {
        vertical-align: bottom;
      }
      tbody th {
        color: var(--wa-color-text-quiet);
      }
    `,
  ];

  @property() first = '';
  @property() second = '';
  /** Changes when either of them does. */
  @property({ type: Number }) stamp = 0;

  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #task = new Task(this, {
    args: () => [this.#sill.value, this.first, this.second, this.stamp] as const,
    task: async ([sill, first, second]) => {
      if (!sill) return undefined;
      const { evaluations } = sill;
      const [comparison, before, now] = await Promise.all([
        evaluations.compare(first, second),
        evaluations.get(first),
        evaluations.get(second),
      ]);
      return { comparison, before: new Map(before.cases.map((it) => [it.asked.id, it])), cases: casesOfBoth(before.cases, now.cases) };
    },
  });

  override render() {
    if (this.#task.error) return html`<sill-error .error=${toSillError(this.#task.error)}></sill-error>`;
    const found = this.#task.value;
    return found ? this.#shown(found) : html`<p class="quiet" role="status">${msg('Comparing…')}</p>`;
  }

  #shown({
    comparison,
    before,
    cases,
  }: {
    readonly comparison: EvaluationComparison;
    readonly before: ReadonlyMap<string, EvaluationCaseResult>;
    readonly cases: readonly EvaluationCaseResult[];
  }) {
    const { first, second, sameSuite, retention, agreement } = comparison;
    const { passedBefore, retained, lost, gained } = retention;
    return html`
      <section class="card" aria-labelledby="compared">
        <h2 id="compared">${msg(str`Run ${second.number} against run ${first.number}`)}</h2>
        ${sameSuite ? nothing : html`<p class="note warn"><wa-icon name="warning"></wa-icon><span>${msg('These runs were not asked the same suite, or it was edited in between: cases of one name may ask for something else.')}</span></p>`}
        ${passedBefore === 0 ? nothing : html`<p>${msg(str`Kept ${formatNumber(retained)} of ${formatNumber(passedBefore)} (${formatPercent(retained / passedBefore)}), lost ${formatNumber(lost.length)}, gained ${formatNumber(gained.length)}.`)}</p>`}
        ${agreement ? html`<p>${msg(str`In the texts that both read, their likeliest next token is the same at ${formatPercent(agreement.share)} of ${formatNumber(agreement.tokens)} places.`)}</p>` : nothing}
        <div class="wide" tabindex="0" role="group" aria-label=${msg('Figures of two runs')}>
          <table>
            <thead>
              <tr><th scope="col"><span class="visually-hidden">${msg('Figure')}</span></th>${[first, second].map((run) => html`<th scope="col">${titleOf(run)}</th>`)}</tr>
            </thead>
            <tbody>
              ${ROWS.map(({ label, value }) => {
                const values = [value(first), value(second)];
                return values.every((each) => each === undefined)
                  ? nothing
                  : html`<tr><th scope="row">${label()}</th>${values.map((each) => html`<td>${each ?? '–'}</td>`)}</tr>`;
              })}
            </tbody>
          </table>
        </div>
        <sill-case-list param="compared" .cases=${cases} .earlier=${before} .changes=${new Map(comparison.cases.map(({ id, change }) => [id, change]))}></sill-case-list>
      </section>
    `;
  }
}

const ROWS: ReadonlyArray<{ readonly label: () => string; readonly value: (run: EvaluationRun) => string | undefined }> = [
  { label: () => msg('Passed'), value: passedWords },
  { label: () => msg('Score'), value: (run) => mapped(scoreOf(run), formatScore) },
  { label: () => msg('Perplexity'), value: (run) => mapped(perplexityOfRun(run), (value) => formatNumber(value, 3)) },
  { label: () => msg('Bits per byte'), value: (run) => mapped(bitsPerByteOfRun(run), (value) => formatNumber(value, 3)) },
  { label: () => msg('Tokens a second'), value: (run) => mapped(run.decodeTokensPerSecond, (value) => formatNumber(value, 1)) },
];

const mapped = (value: number | undefined, words: (value: number) => string): string | undefined =>
  value === undefined ? undefined : words(value);

const titleOf = ({ number, model }: EvaluationRun): string => `${number}: ${model.name} ${model.variant}, ${shortRevision(model.revision)}`;

declare global {
  interface HTMLElementTagNameMap {
    'sill-runs-compare': SillRunsCompare;
  }
}
