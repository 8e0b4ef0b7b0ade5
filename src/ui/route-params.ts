import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { parseRoute, type RouteId, routeHref, routeParams } from './routes.ts';

/** What the address asks a view to show. While another view is in front, it keeps what it showed last. */
export class RouteParams implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #route: RouteId;
  #params = new URLSearchParams();

  constructor(host: ReactiveControllerHost, route: RouteId) {
    this.#host = host;
    this.#route = route;
    this.#read();
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener('hashchange', this.#follow);
  }

  hostDisconnected(): void {
    removeEventListener('hashchange', this.#follow);
  }

  get(name: string): string | undefined {
    return this.#params.get(name) || undefined;
  }

  /** Without a step in the history: a choice within a view is no place to go back to. An empty value leaves the address. */
  set(changes: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(changes)) {
      if (value) this.#params.set(name, value);
      else this.#params.delete(name);
    }
    history.replaceState(null, '', routeHref(this.#route, Object.fromEntries(this.#params)));
    this.#host.requestUpdate();
  }

  readonly #follow = (): void => {
    if (this.#read()) this.#host.requestUpdate();
  };

  /** The plain address of a view asks for nothing: the choice that was made there stands. */
  #read(): boolean {
    if (parseRoute(location.hash) !== this.#route) return false;
    const params = routeParams(location.hash);
    if (params.size > 0) this.#params = params;
    return params.size > 0;
  }
}
