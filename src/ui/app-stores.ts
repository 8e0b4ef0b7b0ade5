import { ContextProvider } from '@lit/context';
import type { Sill } from '../protocol/sill.ts';
import { Activity } from './activity.ts';
import { BenchmarksStore } from './benchmarks-store.ts';
import {
  activityContext,
  benchmarksContext,
  evaluationsContext,
  kioskContext,
  modelsContext,
  noticesContext,
  updatesContext,
} from './context.ts';
import type { SillElement } from './element.ts';
import { EvaluationsStore } from './evaluations-store.ts';
import { KioskStore } from './kiosk-store.ts';
import { ModelsStore } from './models-store.ts';
import { LongWork } from './notices/long-work.ts';
import { NoticesStore, type Telling } from './notices/notices-store.ts';
import { systemTelling } from './notices/telling.ts';
import { UpdatesStore } from './updates-store.ts';

/** What the views of a page share: one of each, and every view below the host finds them. */
export class AppStores {
  readonly activity = new Activity();
  readonly models = new ModelsStore(this.activity);
  readonly updates = new UpdatesStore(this.activity);
  readonly benchmarks = new BenchmarksStore(this.activity);
  readonly kiosk = new KioskStore();
  readonly notices = new NoticesStore();
  readonly #evaluations = new EvaluationsStore(this.activity);
  readonly #work: LongWork;

  /** @param tell of long work that has come to its end */
  constructor(host: SillElement, tell: (end: Telling) => void) {
    const { activity, models, updates, benchmarks, kiosk, notices } = this;
    const evaluations = this.#evaluations;
    this.#work = new LongWork({ models, updates, benchmarks, evaluations }, tell);
    new ContextProvider(host, { context: activityContext, initialValue: activity });
    new ContextProvider(host, { context: modelsContext, initialValue: models });
    new ContextProvider(host, { context: updatesContext, initialValue: updates });
    new ContextProvider(host, { context: benchmarksContext, initialValue: benchmarks });
    new ContextProvider(host, { context: evaluationsContext, initialValue: evaluations });
    new ContextProvider(host, { context: noticesContext, initialValue: notices });
    new ContextProvider(host, { context: kioskContext, initialValue: kiosk });
  }

  /** @returns ends it */
  connect(sill: Sill): () => void {
    const stores = [this.#work, this.models, this.updates, this.benchmarks, this.#evaluations, this.kiosk];
    const stops = [...stores.map((each) => each.connect(sill)), systemTelling.connect()];
    return () => {
      for (const stop of stops) stop();
    };
  }
}
