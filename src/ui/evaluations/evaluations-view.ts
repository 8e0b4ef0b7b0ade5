import '../elements/error-note.ts';
import '../elements/file-drop.ts';
import './evaluation-form.ts';
import './evaluation-run.ts';
import './history-chart.ts';
import './run-details.ts';
import './runs-compare.ts';
import './runs-table.ts';
import './suites-section.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { baselineOf, type EvaluationRun } from '../../core/evaluationRun.ts';
import type { EvaluationImport, EvaluationRequest } from '../../protocol/evaluations.ts';
import { Attempts } from '../attempts.ts';
import { SillElement } from '../element.ts';
import { saveFile } from '../elements/saveFile.ts';
import { Undo } from '../elements/undo.ts';
import { EvaluationsController } from '../evaluations-controller.ts';
import { formatNumber, plural } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { RouteParams } from '../route-params.ts';
import { routeHref } from '../routes.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { proposedModel } from '../used-models.ts';
import { viewHead } from '../view-head.ts';

/** What models can do: asking them a suite, what came of it, and how that changed from one version to the next. */
@customElement('sill-evaluations-view')
export class SillEvaluationsView extends SillElement {
  static override styles = [
    shared,
    viewStyles,
    css`
      /* Tables scroll in themselves; nothing makes the page wider than the screen. */
      .stack {
        grid-template-columns: minmax(0, 1fr);
      }
    `,
  ];

  readonly #evaluations = new EvaluationsController(this);
  readonly #models = new ModelsController(this);
  readonly #params = new RouteParams(this, 'evaluations');
  readonly #attempts = new Attempts(this);
  readonly #undo = new Undo(this);
  @state() private read: EvaluationImport | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#evaluations.store?.look();
  }

  protected override firstUpdated(): void {
    this.#evaluations.store?.look();
  }

  override render() {
    const { store } = this.#evaluations;
    return html`
      ${viewHead('evaluations')}
      <div class="sections" @sill-show=${(event: CustomEvent<string>) => this.#show(event.detail)}>
        ${this.#asking()}
        ${store?.run ? html`<sill-evaluation-run></sill-evaluation-run>` : nothing}
        ${this.#history()}
        <sill-suites-section .suites=${store?.suites ?? []} .names=${this.#names} @sill-saved=${(event: CustomEvent<string>) => this.#params.set({ suite: event.detail })}></sill-suites-section>
        ${this.#files()}
      </div>
    `;
  }

  get #names(): ReadonlyMap<string, string> {
    return new Map((this.#models.store?.list?.models ?? []).map(({ id, name }) => [id, name]));
  }

  #asking(): TemplateResult {
    const [models, evaluations] = [this.#models.store, this.#evaluations.store];
    if (!models?.list) {
      if (models?.error) return html`<sill-error .error=${models.error}></sill-error>`;
      return html`<p class="quiet" role="status">${msg('Looking for installed models…')}</p>`;
    }
    const asked = models.list.models.filter(({ installed, task }) => installed && task === 'text-generation');
    const model = asked.find(({ id }) => id === this.#params.get('model')) ?? proposedModel(asked, models.list.models);
    if (!model) {
      return html`
        <p class="card quiet">
          ${msg('No model that writes text is on this device yet.')} <a href=${routeHref('models')}>${msg('See all models')}</a>
        </p>
      `;
    }
    return html`
      <sill-evaluation-form
        .models=${asked}
        .suites=${evaluations?.suites ?? []}
        .names=${this.#names}
        .model=${model}
        revision=${this.#params.get('revision') ?? ''}
        suite=${this.#params.get('suite') ?? ''}
        ?disabled=${evaluations?.run?.kind === 'running'}
        @sill-choose=${(event: CustomEvent<Record<string, string>>) => this.#params.set(event.detail)}
        @sill-run=${(event: CustomEvent<EvaluationRequest>) => evaluations?.start(event.detail)}
      ></sill-evaluation-form>
    `;
  }

  #history(): TemplateResult {
    const { list, error } = this.#evaluations.store ?? {};
    if (!list) {
      if (error) {
        return html`<sill-error .error=${error.toData()}>
          <wa-button size="s" appearance="outlined" @click=${() => this.#evaluations.store?.refresh()}>${msg('Try again')}</wa-button>
        </sill-error>`;
      }
      return html`<p class="visually-hidden" role="status">${msg('Reading the results…')}</p><div class="ghost" aria-hidden="true"></div>`;
    }
    const { runs, unreadable } = list;
    return html`
      <section class="stack" aria-labelledby="history">
        <h2 id="history">${msg('Results')}</h2>
        ${unreadable > 0 ? html`<p class="quiet small">${plural(unreadable, msg('1 run was written by another version of the app. It is kept, and shown by that version.'), msg(str`${formatNumber(unreadable)} runs were written by another version of the app. They are kept, and shown by that version.`))}</p>` : nothing}
        ${runs.length === 0 ? html`<p class="card quiet">${msg('No suite was run yet.')}</p>${this.#failed()}` : this.#shown(runs)}
      </section>
    `;
  }

  #shown(runs: readonly EvaluationRun[]): TemplateResult {
    const byId = (id: string | undefined) => runs.find((run) => run.id === id);
    const shown = byId(this.#params.get('run'));
    // The older one is what the other is held against.
    const picked = ['first', 'second'].flatMap((name) => byId(this.#params.get(name)) ?? []).sort((a, b) => a.number - b.number);
    const [first, second] = picked;
    return html`
      <sill-runs-table
        .runs=${runs}
        .names=${this.#names}
        .shown=${shown?.id ?? ''}
        .picked=${picked.map(({ id }) => id)}
        ?busy=${this.#evaluations.store?.run?.kind === 'running'}
        @sill-pick=${(event: CustomEvent<readonly string[]>) => this.#params.set({ first: event.detail[0] ?? '', second: event.detail[1] ?? '' })}
        @sill-remove=${(event: CustomEvent<readonly string[]>) => this.#remove(event.detail)}
        @sill-resume=${(event: CustomEvent<string>) => this.#resume(byId(event.detail))}
      ></sill-runs-table>
      ${this.#failed()}
      ${
        first && second
          ? html`<sill-runs-compare first=${first.id} second=${second.id} stamp=${first.verdicts.length + second.verdicts.length}></sill-runs-compare>`
          : runs.length > 1
            ? html`<p class="quiet small">${msg('Choose two runs to compare them, of two versions or variants.')}</p>`
            : nothing
      }
      ${
        shown
          ? html`<sill-run-details
              .run=${shown}
              .baseline=${baselineOf(shown, runs)}
              .names=${this.#names}
              @sill-baseline=${(event: CustomEvent<{ id: string; baseline: boolean }>) => this.#baseline(event.detail)}
            ></sill-run-details>`
          : nothing
      }
      <sill-history-chart .runs=${runs} .names=${this.#names}></sill-history-chart>
    `;
  }

  #files() {
    return html`
      <section class="stack" aria-labelledby="files">
        <h2 id="files">${msg('Files')}</h2>
        <div class="row">
          <wa-button size="s" appearance="outlined" @click=${() => this.#export()}><wa-icon slot="start" name="download"></wa-icon>${msg('Save all results')}</wa-button>
        </div>
        <sill-file-drop label=${msg('Choose a file of results')} accept=".json" @sill-files=${(event: CustomEvent<File[]>) => this.#import(event.detail[0])}>
          ${msg('Results of evaluations that were saved here or on another device.')}
        </sill-file-drop>
        ${this.read ? html`<p role="status">${readWords(this.read)}</p>` : nothing}
      </section>
    `;
  }

  #show(id: string): void {
    if (this.#params.get('run') === id) this.#params.set({ run: '' });
    else this.#params.open({ run: id });
  }

  #resume(run: EvaluationRun | undefined): void {
    if (run) void this.#evaluations.store?.resume(run);
  }

  #failed() {
    return this.#attempts.failure ? html`<sill-error .error=${this.#attempts.failure.toData()}></sill-error>` : nothing;
  }

  #remove(ids: readonly string[]): Promise<void> {
    return this.#attempts.make(({ evaluations }) =>
      this.#undo.remove(ids, {
        // A run may have answers to hundreds of cases.
        atATime: 20,
        save: evaluations.export,
        remove: evaluations.remove,
        bring: evaluations.import,
        words: (count) => plural(count, msg('A run was removed.'), msg(str`${formatNumber(count)} runs were removed.`)),
      }),
    );
  }

  #baseline({ id, baseline }: { readonly id: string; readonly baseline: boolean }): Promise<void> {
    return this.#attempts.make(({ evaluations }) => evaluations.setBaseline(id, baseline));
  }

  #export(): Promise<void> {
    return this.#attempts.make(async ({ evaluations }) => {
      saveFile(`sill-evaluations-${new Date().toISOString().slice(0, 10)}.json`, await evaluations.export());
    });
  }

  #import(file: File | undefined): Promise<void> {
    this.read = undefined;
    return this.#attempts.make(async ({ evaluations }) => {
      if (file) this.read = await evaluations.import(file);
    });
  }
}

const readWords = ({ added, leftOut }: EvaluationImport): string =>
  [
    plural(added, msg('1 run was added.'), msg(str`${formatNumber(added)} runs were added.`)),
    ...(leftOut > 0
      ? [
          plural(
            leftOut,
            msg('1 was left out: no more runs are kept on this device. Remove some first.'),
            msg(str`${formatNumber(leftOut)} were left out: no more runs are kept on this device. Remove some first.`),
          ),
        ]
      : []),
  ].join(' ');

declare global {
  interface HTMLElementTagNameMap {
    'sill-evaluations-view': SillEvaluationsView;
  }
}
