import '../elements/error-note.ts';
import './results-files.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { isMeasured } from '../../core/benchmark/plan.ts';
import type { BenchmarkResult } from '../../core/benchmark/result.ts';
import type { BenchmarkRequest } from '../../protocol/benchmarks.ts';
import { Attempts } from '../attempts.ts';
import { BenchmarksController } from '../benchmarks-controller.ts';
import { SillElement } from '../element.ts';
import { FoundRows } from '../elements/found-rows.ts';
import { Undo } from '../elements/undo.ts';
import { EvaluationsController } from '../evaluations-controller.ts';
import { formatNumber, plural } from '../format.ts';
import { LateParts } from '../late-parts.ts';
import { ModelsController } from '../models-controller.ts';
import { Newcomer } from '../newcomer.ts';
import { RouteParams } from '../route-params.ts';
import { routeHref } from '../routes.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { proposedModel } from '../used-models.ts';
import { viewHead } from '../view-head.ts';
import { resultFilter } from './results-filter.ts';

const NONE: readonly never[] = [];

/** How fast models run here: measuring them, and what was measured before, here or elsewhere. */
@customElement('sill-benchmarks-view')
export class SillBenchmarksView extends SillElement {
  protected static override readonly drawsApart = true;
  static override styles = [
    shared,
    viewStyles,
    css`
      .charts {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr));
        gap: var(--sill-space-20);
        align-items: start;
      }
      .charts > * {
        min-width: 0;
      }
    `,
  ];

  readonly #benchmarks = new BenchmarksController(this);
  /** What their suites scored is held against speed. */
  readonly #evaluations = new EvaluationsController(this);
  readonly #models = new ModelsController(this);
  readonly #newcomer = new Newcomer(this);
  readonly #parts = new LateParts(this, () => import('./benchmark-parts.ts'));
  readonly #params = new RouteParams(this, 'benchmarks');
  readonly #attempts = new Attempts(this);
  readonly #undo = new Undo(this);
  readonly #charted = new FoundRows<BenchmarkResult>();

  override connectedCallback(): void {
    super.connectedCallback();
    this.#benchmarks.store?.look();
    this.#evaluations.store?.look();
  }

  protected override willUpdate(): void {
    if (!this.#newcomer.isHere || this.#results.length > 0 || this.#benchmarks.store?.run) void this.#parts.need();
  }

  protected override firstUpdated(): void {
    this.#benchmarks.store?.look();
    this.#evaluations.store?.look();
  }

  override render() {
    return html`
      ${viewHead('benchmarks')}
      <div class="sections">
        ${this.#parts.error ? html`<sill-error .error=${this.#parts.error}></sill-error>` : nothing} ${this.#asked()} ${this.#addressed()} ${this.#measuring()}
        ${this.#benchmarks.store?.run ? html`<sill-benchmark-run></sill-benchmark-run>` : nothing}
        ${this.#history()}
      </div>
    `;
  }

  /** On demand: hardly anybody opens such an address. */
  #asked() {
    if (!this.#benchmarks.store?.question) return nothing;
    void import('./benchmark-question.ts');
    return html`<sill-benchmark-question></sill-benchmark-question>`;
  }

  /** What an address asks for, while it has not begun: whoever stands before the device sees no state of the page. */
  #addressed() {
    const address = this.#benchmarks.store?.address;
    if (!address) return nothing;
    if (address.kind === 'failed') return html`<sill-error .error=${address.error}></sill-error>`;
    return html`
      <p class="card quiet" role="status">${msg(str`${this.#models.nameOf(address.model)} is waited for, which the operator gives to this device: then it is measured.`)}</p>
      ${address.error ? html`<sill-error .error=${address.error} mild></sill-error>` : nothing}
    `;
  }

  #measuring(): TemplateResult {
    const store = this.#models.store;
    if (!store?.list) {
      if (store?.error) return html`<sill-error .error=${store.error}></sill-error>`;
      if (this.#newcomer.isHere) return this.#none();
      return html`<p class="quiet" role="status">${msg('Looking for installed models…')}</p>`;
    }
    const models = store.list.models.filter(({ installed, task }) => installed && isMeasured(task));
    const model = models.find(({ id }) => id === this.#params.get('model')) ?? proposedModel(models, store.list.models);
    if (!model) return this.#none();
    return html`
      <sill-benchmark-form
        .models=${models}
        .model=${model}
        .results=${this.#results}
        ?disabled=${this.#benchmarks.store?.run?.kind === 'running'}
        @sill-model=${(event: CustomEvent<string>) => this.#params.set({ model: event.detail })}
        @sill-run=${(event: CustomEvent<Omit<BenchmarkRequest, 'model'>>) => this.#benchmarks.store?.start({ model: model.id, ...event.detail })}
      ></sill-benchmark-form>
    `;
  }

  #none(): TemplateResult {
    return html`
      <p class="card quiet">
        ${msg('No model that can be measured is on this device yet: one that writes text, searches by meaning or transcribes.')}
        <a href=${routeHref('models')}>${msg('See all models')}</a>
      </p>
    `;
  }

  get #results(): readonly BenchmarkResult[] {
    return this.#benchmarks.store?.list?.results ?? [];
  }

  #history(): TemplateResult {
    const { list, error } = this.#benchmarks.store ?? {};
    if (!list) {
      if (error) {
        return html`<sill-error .error=${error}>
          <wa-button size="s" appearance="outlined" @click=${() => this.#benchmarks.store?.refresh()}>${msg('Try again')}</wa-button>
        </sill-error>`;
      }
      return html`<p class="visually-hidden" role="status">${msg('Reading the results…')}</p><div class="ghost" aria-hidden="true"></div>`;
    }
    const { results, unreadable } = list;
    return html`
      ${unreadable > 0 ? html`<p class="quiet small">${plural(unreadable, msg('1 result was written by another version of the app. It is kept, and shown by that version.'), msg(str`${formatNumber(unreadable)} results were written by another version of the app. They are kept, and shown by that version.`))}</p>` : nothing}
      ${results.length === 0 ? html`<p class="card quiet">${msg('Nothing was measured yet. The quick benchmark takes seconds on a small model.')}</p>${this.#failed()}` : this.#shown(results)}
      <sill-results-files></sill-results-files>
    `;
  }

  #shown(results: readonly BenchmarkResult[]): TemplateResult {
    const byId = (id: string | undefined) => results.find((result) => result.id === id);
    const shown = byId(this.#params.get('result'));
    const picked = ['first', 'second'].flatMap((name) => byId(this.#params.get(name)) ?? []);
    const [first, second] = picked;
    // One filter for all that is shown of them.
    const words = this.#params.get('words') ?? '';
    this.#charted.find(results, [words], resultFilter(words));
    const charted = this.#charted.rows;
    return html`
      <section class="stack" aria-labelledby="history">
        <h2 id="history">${msg('Results')}</h2>
        <sill-results-table
          .results=${results}
          .shown=${shown?.id ?? ''}
          .picked=${picked.map(({ id }) => id)}
          @sill-show=${(event: CustomEvent<string>) => this.#show(event.detail)}
          @sill-pick=${(event: CustomEvent<readonly string[]>) => this.#params.set({ first: event.detail[0] ?? '', second: event.detail[1] ?? '' })}
          @sill-remove=${(event: CustomEvent<readonly string[]>) => this.#remove(event.detail)}
        ></sill-results-table>
        ${this.#failed()}
        ${first && second ? html`<sill-results-compare .first=${first} .second=${second}></sill-results-compare>` : html`<p class="quiet small">${msg('Choose two results to compare them.')}</p>`}
        ${shown ? html`<sill-benchmark-result .result=${shown}></sill-benchmark-result>` : nothing}
      </section>
      <div class="charts">
        <sill-results-chart .results=${charted}></sill-results-chart>
        <sill-quality-plot .results=${charted} .runs=${this.#evaluations.store?.list?.runs ?? NONE}></sill-quality-plot>
      </div>
    `;
  }

  #show(id: string): void {
    if (this.#params.get('result') === id) this.#params.set({ result: '' });
    else this.#params.open({ result: id });
  }

  #failed() {
    return this.#attempts.failure ? html`<sill-error .error=${this.#attempts.failure.toData()}></sill-error>` : nothing;
  }

  #remove(ids: readonly string[]): Promise<void> {
    return this.#attempts.make(({ benchmarks }) =>
      this.#undo.remove(ids, {
        atATime: 1000,
        save: (part) => benchmarks.export({ ids: part }),
        remove: benchmarks.remove,
        bring: benchmarks.import,
        words: (count) => plural(count, msg('A result was removed.'), msg(str`${formatNumber(count)} results were removed.`)),
      }),
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-benchmarks-view': SillBenchmarksView;
  }
}
