import './case-result.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Change } from '../../core/evaluationComparison.ts';
import type { EvaluationCaseResult } from '../../core/evaluationRun.ts';
import { SillElement } from '../element.ts';
import { formatNumber, plural } from '../format.ts';
import { RouteParams } from '../route-params.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { changeWords } from './evaluation-words.ts';

/** Rows at first: a suite may have five hundred cases. */
const SHOWN = 50;

const FILTERS = ['all', 'failed', 'changed'] as const;
type Filter = (typeof FILTERS)[number];

/** The cases of a run, all or those that failed, or became something else than in the run that it is held against. */
@customElement('sill-case-list')
export class SillCaseList extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .tools {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: var(--sill-space-8) var(--sill-space-16);
        margin-bottom: var(--sill-space-8);
      }
      .tools .field {
        flex: 0 1 16rem;
      }
      li + li {
        border-top: 1px solid var(--wa-color-surface-border);
      }
    `,
  ];

  @property({ attribute: false }) cases: readonly EvaluationCaseResult[] = [];
  /** What became of each, by its id, where the run is held against another one. */
  @property({ attribute: false }) changes: ReadonlyMap<string, Change> = new Map();
  /** Of the run that it is held against, by their ids. */
  @property({ attribute: false }) earlier: ReadonlyMap<string, EvaluationCaseResult> = new Map();
  /** The filter's name in the address: there may be two of these. */
  @property() param = 'cases';
  @state() private all = false;
  readonly #params = new RouteParams(this, 'evaluations');

  override render() {
    const filter = FILTERS.find((each) => each === this.#params.get(this.param)) ?? 'all';
    const found = this.cases.filter((it) => filter === 'all' || (filter === 'failed' ? !it.pass : this.#isChanged(it)));
    const rows = this.all ? found : found.slice(0, SHOWN);
    return html`
      <div class="tools">
        <div class="field">
          <label for="filter">${msg('Show')}</label>
          <select id="filter" @change=${this.#onFilter}>
            ${FILTERS.filter((each) => each !== 'changed' || this.changes.size > 0).map((each) => html`<option value=${each} .selected=${live(each === filter)}>${filterWords(each)}</option>`)}
          </select>
        </div>
        <p class="small quiet figures" role="status">${plural(found.length, msg('1 case'), msg(str`${formatNumber(found.length)} cases`))}</p>
      </div>
      <ul aria-label=${msg('Cases')}>
        ${repeat(
          rows,
          (it) => `${it.run} ${it.index}`,
          (it) =>
            html`<li><sill-case-result .result=${it} .change=${this.#changeOf(it)} .earlier=${this.#earlierOf(it)}></sill-case-result></li>`,
        )}
      </ul>
      ${found.length > rows.length ? html`<button class="link" @click=${this.#showAll}>${msg(str`Show ${formatNumber(found.length - rows.length)} more`)}</button>` : nothing}
    `;
  }

  #isChanged({ asked }: EvaluationCaseResult): boolean {
    const change = this.changes.get(asked.id);
    return change === 'lost' || change === 'gained';
  }

  #changeOf(it: EvaluationCaseResult): string {
    const change = this.changes.get(it.asked.id);
    return change !== undefined && (change === 'alone' || this.#isChanged(it)) ? changeWords(change) : '';
  }

  /** One that only the other run has is not held against itself. */
  #earlierOf({ asked, run }: EvaluationCaseResult): EvaluationCaseResult | undefined {
    const earlier = this.earlier.get(asked.id);
    return earlier?.run === run ? undefined : earlier;
  }

  #onFilter(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.all = false;
    this.#params.set({ [this.param]: value === 'all' ? '' : value });
  }

  #showAll(): void {
    this.all = true;
  }
}

const filterWords = (filter: Filter): string =>
  ({ all: msg('All cases'), failed: msg('Failed ones'), changed: msg('Those that changed') })[filter];

declare global {
  interface HTMLElementTagNameMap {
    'sill-case-list': SillCaseList;
  }
}
