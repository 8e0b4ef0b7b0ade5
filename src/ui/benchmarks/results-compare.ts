import '../elements/compare-bars.ts';
import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { CONFIDENCE, comparedOf, type Difference, differenceOf } from '../../core/benchmark/difference.ts';
import { type BenchmarkResult, type Figure, faultsOf, figureName, moreIsBetter } from '../../core/benchmark/result.ts';
import { SillElement } from '../element.ts';
import type { Compared } from '../elements/compare-bars.ts';
import { formatPercent, formatSignedPercent } from '../format.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { figureLabel, formatValue, placeLabel } from './benchmark-words.ts';

interface Pair {
  readonly first: Figure;
  readonly second: Figure;
}

/** Two results beside each other: their figures, and what of the difference is no noise. */
@customElement('sill-results-compare')
export class SillResultsCompare extends SillElement {
  static override styles = [
    shared,
    marks,
    css`
      .card {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--sill-space-16);
      }
      ul {
        display: grid;
        gap: var(--sill-space-6);
        font-size: var(--wa-font-size-s);
      }
      .better {
        color: var(--wa-color-success-on-quiet);
      }
      .worse {
        color: var(--wa-color-danger-on-quiet);
      }
      strong {
        font-weight: 600;
      }
    `,
  ];

  @property({ attribute: false }) first!: BenchmarkResult;
  @property({ attribute: false }) second!: BenchmarkResult;

  override render() {
    const pairs = pairsOf(this.first, this.second);
    const faulty = [this.first, this.second].filter((result) => faultsOf(result).length > 0);
    return html`
      <section class="card" aria-labelledby="compared">
        <h2 id="compared">${msg(str`Result ${this.first.number} against result ${this.second.number}`)}</h2>
        ${faulty.map((result) => html`<p class="note warn"><wa-icon name="warning"></wa-icon><span>${msg(str`Result ${result.number} is not comparable: what is below may mean nothing.`)}</span></p>`)}
        ${
          pairs.length === 0
            ? html`<p class="quiet">${msg('Nothing was measured in both of them.')}</p>`
            : html`
                <sill-compare-bars
                  label=${msg('Figures of two results')}
                  first=${titleOf(this.first)}
                  second=${titleOf(this.second)}
                  .rows=${pairs.map(rowOf)}
                ></sill-compare-bars>
                <ul aria-label=${msg('Differences')}>${pairs.map((pair) => this.#difference(pair))}</ul>
                <p class="quiet small">
                  ${msg(str`Intervals hold with ${formatPercent(CONFIDENCE)} confidence (Welch) for the repetitions of these two runs; what changes from one run to the next is not in them.`)}
                </p>
              `
        }
      </section>
    `;
  }

  #difference({ first, second }: Pair) {
    const [one, other] = [comparedOf(first), comparedOf(second)];
    const difference = one && other && differenceOf(one, other);
    const better = difference?.significant ? (difference.ratio > 1 === moreIsBetter(first.metric) ? 'better' : 'worse') : 'quiet';
    return html`<li><strong>${figureLabel(first)}</strong>: <span class=${better}>${one && other ? differenceWords(difference, first) : msg('cannot be told: an older result does not say how its repetitions differed.')}</span></li>`;
  }
}

const titleOf = (result: BenchmarkResult): string =>
  `${result.number}: ${result.model.name} ${result.model.variant}, ${placeLabel(result)}`;

/** Figures of one name, in the order of the first result. */
const pairsOf = (a: BenchmarkResult, b: BenchmarkResult): Pair[] =>
  a.figures.flatMap((first) => {
    const second = b.figures.find((figure) => figureName(figure) === figureName(first));
    return second ? [{ first, second }] : [];
  });

const rowOf = ({ first, second }: Pair): Compared => ({
  name: figureLabel(first),
  first: first.mean,
  second: second.mean,
  format: (value) => formatValue(first.metric, value),
});

function differenceWords(difference: Difference | undefined, { metric }: Figure): string {
  if (!difference) return msg('cannot be told: one of both was measured once only.');
  const { ratio, low, high, significant } = difference;
  if (!significant) return msg(str`no significant difference (${signed(low - 1)} to ${signed(high - 1)}).`);
  const share = (value: number) => percent(Math.abs(value - 1));
  const [from, to] = [low, high]
    .map((end) => Math.abs(end - 1))
    .sort((a, b) => a - b)
    .map(percent);
  const isMore = ratio > 1;
  if (moreIsBetter(metric))
    return isMore ? msg(str`${share(ratio)} faster (${from} to ${to}).`) : msg(str`${share(ratio)} slower (${from} to ${to}).`);
  return isMore ? msg(str`${share(ratio)} longer (${from} to ${to}).`) : msg(str`${share(ratio)} shorter (${from} to ${to}).`);
}

const digits = (share: number): number => (Math.abs(share) < 0.1 ? 1 : 0);
const percent = (share: number): string => formatPercent(share, digits(share));
const signed = (share: number): string => formatSignedPercent(share, digits(share));

declare global {
  interface HTMLElementTagNameMap {
    'sill-results-compare': SillResultsCompare;
  }
}
