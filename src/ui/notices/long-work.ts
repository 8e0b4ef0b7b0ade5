import { msg, str } from '@lit/localize';
import type { ImportSummary } from '../../protocol/importReports.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { BenchmarksStore } from '../benchmarks-store.ts';
import type { EvaluationsStore } from '../evaluations-store.ts';
import type { ModelsStore } from '../models-store.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { routeHref } from '../routes.ts';
import type { UpdatesStore } from '../updates-store.ts';
import type { Telling } from './notices-store.ts';
import { ended, type Seen, seenOf } from './work-ends.ts';

type Watching<Store extends EventTarget, Key extends keyof Store> = EventTarget & Pick<Store, Key>;

/** What is looked at of each store, whenever it changes. */
interface Watched {
  readonly models: Watching<ModelsStore, 'list'>;
  readonly updates: Watching<UpdatesStore, 'outcomes'>;
  readonly benchmarks: Watching<BenchmarksStore, 'run'>;
  readonly evaluations: Watching<EvaluationsStore, 'run'>;
}

interface Watchable extends Pick<Sill, 'watch'> {
  readonly imports: Pick<Sill['imports'], 'list'>;
}

/** Notices when an install, an import, an update, a benchmark or an evaluation ends, well or not, whichever tab carried it. */
export class LongWork {
  readonly #watched: Watched;
  readonly #tell: (end: Telling) => void;
  #models: ReadonlyMap<string, Seen> | undefined;
  #imports: ReadonlyMap<string, ImportSummary['state']> | undefined;
  readonly #outcomes = new Map<string, unknown>();
  #benchmark: unknown;
  #evaluation: unknown;

  constructor(watched: Watched, tell: (end: Telling) => void) {
    this.#watched = watched;
    this.#tell = tell;
  }

  connect(sill: Watchable): () => void {
    const { models, updates, benchmarks, evaluations } = this.#watched;
    const ends = new AbortController();
    const on = (store: EventTarget, look: () => void): void => store.addEventListener('change', look, { signal: ends.signal });
    on(models, () => this.#lookAtModels());
    on(updates, () => this.#lookAtUpdates());
    on(benchmarks, () => this.#lookAtBenchmark());
    on(evaluations, () => this.#lookAtEvaluation());
    const imports = oneAtATime(() => this.#lookAtImports(sill));
    void imports();
    const stop = sill.watch(({ type }) => {
      if (type === 'imports') void imports();
    });
    return () => {
      ends.abort();
      stop();
    };
  }

  #name(id: string): string {
    return this.#watched.models.list?.models.find((model) => model.id === id)?.name ?? id;
  }

  #lookAtModels(): void {
    const { list } = this.#watched.models;
    if (!list) return;
    const before = this.#models;
    const now = new Map(list.models.map((model): [string, Seen] => [model.id, seenOf(model)]));
    // An install that is under way may be told without its model for a moment.
    this.#models = new Map([...(before ?? []), ...now]);
    if (!before) return;
    for (const model of list.models) this.#tellModel(model, before.get(model.id));
  }

  #tellModel(model: ModelSummary, before: Seen | undefined): void {
    const { id, name } = model;
    const end = ended(before, seenOf(model));
    const card = routeHref('models', { words: id });
    if (end === 'installed')
      this.#tell({
        ...{ tone: 'done', about: `install:${id}`, href: card, seenIn: ['models', 'downloads', 'overview', 'import'] },
        words: () => msg(str`${name} is installed.`),
      });
    if (end === 'failed')
      this.#tell({
        ...{ tone: 'failed', about: `install:${id}`, href: card, seenIn: ['models', 'downloads', 'overview', 'import'] },
        words: () => msg(str`${name} could not be installed.`),
      });
    if (end === 'changed')
      this.#tell({
        ...{ tone: 'done', about: `update:${id}`, href: routeHref('versions', { model: id }), seenIn: ['versions', 'updates'] },
        words: () => msg(str`${name} runs in another version now.`),
      });
  }

  /** What was put in place is seen in the list of models; what was not is told here. */
  #lookAtUpdates(): void {
    const { outcomes } = this.#watched.updates;
    for (const [id, outcome] of outcomes) {
      if (this.#outcomes.get(id) === outcome) continue;
      this.#outcomes.set(id, outcome);
      if (outcome.result === 'activated') continue;
      const name = this.#name(id);
      this.#tell({
        ...{ tone: 'failed', about: `update:${id}`, href: routeHref('versions', { model: id }), seenIn: ['versions', 'updates'] },
        words: () => msg(str`The update of ${name} came to nothing. The version before goes on running.`),
      });
    }
  }

  #lookAtBenchmark(): void {
    const { run } = this.#watched.benchmarks;
    if (run === this.#benchmark) return;
    this.#benchmark = run;
    if (run?.kind !== 'done' && run?.kind !== 'failed') return;
    const name = this.#name(run.model);
    this.#tell({
      ...{ tone: run.kind, about: `benchmark:${run.model}`, seenIn: ['benchmarks'] },
      href: routeHref('benchmarks', run.kind === 'done' ? { model: run.model, result: run.outcome.id } : { model: run.model }),
      words: () => (run.kind === 'done' ? msg(str`The benchmark of ${name} is done.`) : msg(str`The benchmark of ${name} failed.`)),
    });
  }

  #lookAtEvaluation(): void {
    const { run } = this.#watched.evaluations;
    if (run === this.#evaluation) return;
    this.#evaluation = run;
    if (run?.kind !== 'done' && run?.kind !== 'failed') return;
    const name = this.#name(run.model);
    this.#tell({
      ...{ tone: run.kind, about: `evaluation:${run.model}`, seenIn: ['evaluations'] },
      href: routeHref('evaluations', run.kind === 'done' ? { model: run.model, run: run.run.id } : { model: run.model }),
      words: () => (run.kind === 'done' ? msg(str`The evaluation of ${name} is done.`) : msg(str`The evaluation of ${name} failed.`)),
    });
  }

  /** One that ends well is an installed model. */
  async #lookAtImports(sill: Watchable): Promise<void> {
    // What cannot be asked tells nothing; whoever looks at the view is told why.
    const report = await sill.imports.list().catch(() => undefined);
    if (!report) return;
    const before = this.#imports;
    this.#imports = new Map(report.unfinished.map(({ id, state }) => [id, state]));
    if (!before) return;
    for (const { id, name, state } of report.unfinished) {
      if (state !== 'failed' || before.get(id) === 'failed') continue;
      this.#tell({
        ...{ tone: 'failed', about: `install:${id}`, href: routeHref('import'), seenIn: ['import'] },
        words: () => msg(str`The import of ${name} failed.`),
      });
    }
  }
}
