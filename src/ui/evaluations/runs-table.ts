import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type EvaluationRun, isUnfinished, passedOf } from '../../core/evaluationRun.ts';
import { shortRevision } from '../../core/ids.ts';
import { SillElement } from '../element.ts';
import { formatDate, formatNumber } from '../format.ts';
import { figureStyles } from '../styles/figures.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { passedWords, runStateWords, suiteName } from './evaluation-words.ts';

/** Rows at first: what nobody asks for is not drawn. */
const SHOWN = 25;

/**
 * All runs, newest first.
 *
 * @fires sill-show with a run's id as detail
 * @fires sill-pick with the ids of up to two runs, to be compared
 * @fires sill-remove with ids as detail
 * @fires sill-resume with an id as detail
 */
@customElement('sill-runs-table')
export class SillRunsTable extends SillElement {
  static override styles = [
    shared,
    marks,
    figureStyles,
    css`
      .wide {
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--sill-radius);
        background: var(--wa-color-surface-default);
      }
      table {
        min-width: 58rem;
      }
      th,
      td {
        height: 44px;
        padding-block: var(--sill-space-4);
        white-space: nowrap;
      }
      :is(th, td):first-child {
        padding-inline-start: var(--sill-space-16);
      }
      tbody tr + tr {
        border-top: 1px solid var(--wa-color-surface-border);
      }
      .current {
        background: var(--sill-mark);
      }
      .name {
        font-weight: 600;
      }
      .suite {
        max-width: 14rem;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      input {
        width: 1.0625rem;
        height: 1.0625rem;
        accent-color: var(--sill-control);
      }
      .link {
        min-height: 44px;
        min-width: 44px;
        text-align: start;
      }
      .more {
        margin-top: var(--sill-space-8);
      }
    `,
  ];

  @property({ attribute: false }) runs: readonly EvaluationRun[] = [];
  @property({ attribute: false }) names: ReadonlyMap<string, string> = new Map();
  @property() shown = '';
  @property({ attribute: false }) picked: readonly string[] = [];
  /** One is under way: no other can go on. */
  @property({ type: Boolean }) busy = false;
  @state() private all = false;

  override render() {
    const rows = this.all ? this.runs : this.runs.slice(0, SHOWN);
    const left = this.runs.length - rows.length;
    return html`
      <div class="wide" tabindex="0" role="group" aria-label=${msg('Runs')}>
        <table aria-label=${msg('Runs of suites')}>
          <thead>
            <tr>
              <th scope="col">${msg('Compare')}</th>
              <th scope="col">${msg('Run', { id: 'one-run' })}</th>
              <th scope="col">${msg('Model')}</th>
              <th scope="col">${msg('Suite')}</th>
              <th scope="col">${msg('Passed')}</th>
              <th scope="col">${msg('State')}</th>
              <th scope="col">${msg('When')}</th>
              <th scope="col"><span class="visually-hidden">${msg('Actions')}</span></th>
            </tr>
          </thead>
          <tbody>${rows.map((run) => this.#row(run))}</tbody>
        </table>
      </div>
      ${this.#removal()}
      ${left > 0 ? html`<p class="more"><button class="link" @click=${this.#showAll}>${msg(str`Show ${formatNumber(left)} more`)}</button></p>` : nothing}
    `;
  }

  /** All but what other runs are held against, and one that is under way. */
  #removal() {
    const ids = this.runs.filter(({ state: runState, baseline }) => runState !== 'running' && !baseline).map(({ id }) => id);
    if (ids.length < 2) return nothing;
    return html`
      <p class="more">
        <wa-button size="s" appearance="plain" @click=${() => this.emit('sill-remove', ids)}>
          <wa-icon slot="start" name="trash"></wa-icon>${msg(str`Remove ${formatNumber(ids.length)} runs, all but baselines`)}
        </wa-button>
      </p>
    `;
  }

  #row(run: EvaluationRun) {
    const { id, number, model, suite, state: runState } = run;
    const name = msg(str`run ${number}`);
    const isPicked = this.picked.includes(id);
    const failed = run.verdicts.length - passedOf(run);
    return html`
      <tr class=${id === this.shown ? 'current' : ''}>
        <td>
          <input type="checkbox" aria-label=${msg(str`Compare ${name}`)} .checked=${isPicked} ?disabled=${!isPicked && this.picked.length >= 2} @change=${() => this.#pick(id)} />
        </td>
        <td><button class="link" aria-label=${msg(str`Show ${name}`)} @click=${() => this.emit('sill-show', id)}>${number}</button></td>
        <th scope="row"><span class="name">${model.name}</span> <span class="quiet" title=${model.revision}>${model.variant}, ${shortRevision(model.revision).slice(0, 7)}</span></th>
        <td class="suite">${suiteName(suite.id, this.names)}</td>
        <td>${passedWords(run)} ${failed > 0 ? html`<span class="mark bad">${msg(str`${formatNumber(failed)} failed`)}</span>` : nothing}</td>
        <td>
          <span class="mark ${runState === 'complete' ? '' : runState === 'running' ? 'active' : 'warn'}">${runStateWords(runState)}</span>
          ${run.baseline ? html`<span class="mark active">${msg('baseline')}</span>` : nothing}
        </td>
        <td><time datetime=${new Date(run.startedAtMs).toISOString()}>${formatDate(run.startedAtMs)}</time></td>
        <td>
          ${
            isUnfinished(run)
              ? html`<wa-button size="s" appearance="plain" ?disabled=${this.busy} @click=${() => this.emit('sill-resume', id)}><wa-icon name="continue" label=${msg(str`Go on with ${name}`)}></wa-icon></wa-button>`
              : nothing
          }
          <wa-button size="s" appearance="plain" ?disabled=${runState === 'running'} @click=${() => this.emit('sill-remove', [id])}><wa-icon name="trash" label=${msg(str`Remove ${name}`)}></wa-icon></wa-button>
        </td>
      </tr>
    `;
  }

  #pick(id: string): void {
    this.emit('sill-pick', this.picked.includes(id) ? this.picked.filter((other) => other !== id) : [...this.picked, id]);
  }

  #showAll(): void {
    this.all = true;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-runs-table': SillRunsTable;
  }
}
