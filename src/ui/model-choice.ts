import type { ReactiveControllerHost } from 'lit';
import * as v from 'valibot';
import { readPreference, writePreference } from './preferences.ts';
import { RouteParams } from './route-params.ts';
import type { RouteId } from './routes.ts';

/** Which model a view works with: by its address, else as it was chosen there last, else the first that can. */
export class ModelChoice {
  readonly #params: RouteParams;
  readonly #key: string;
  #last: string;

  constructor(host: ReactiveControllerHost, route: RouteId) {
    this.#params = new RouteParams(host, route);
    this.#key = `${route}.model`;
    this.#last = readPreference(this.#key, v.string(), '');
  }

  of<Model extends { readonly id: string }>(models: readonly Model[]): Model | undefined {
    const wanted = this.#params.get('model') ?? this.#last;
    return models.find(({ id }) => id === wanted) ?? models[0];
  }

  choose(id: string): void {
    this.#last = id;
    writePreference(this.#key, id);
    this.#params.set({ model: id });
  }
}
