import type { ReactiveController, ReactiveControllerHost } from 'lit';
import * as v from 'valibot';
import { parseRoute, type RouteId, routeHref, routeParams } from './routes.ts';

/** On an entry of the history whose address says all that its view showed. A link to the plain address of a view has none. */
const WHOLE = { sill: 'whole' };
const WholeSchema = v.object({ sill: v.literal(WHOLE.sill) });

/** What each view shows or showed last, for all elements of it together. */
interface Shown {
  params: URLSearchParams;
  readonly hosts: Set<ReactiveControllerHost>;
}
const SHOWN = new Map<RouteId, Shown>();

/** What the address asks a view to show. While another view is in front, it keeps what it showed last. Any element of the view may have one. */
export class RouteParams implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #route: RouteId;
  readonly #shown: Shown;

  constructor(host: ReactiveControllerHost, route: RouteId) {
    this.#host = host;
    this.#route = route;
    this.#shown = SHOWN.get(route) ?? { params: new URLSearchParams(), hosts: new Set() };
    SHOWN.set(route, this.#shown);
    this.#read();
    host.addController(this);
  }

  hostConnected(): void {
    this.#shown.hosts.add(this.#host);
    addEventListener('hashchange', this.#follow);
  }

  hostDisconnected(): void {
    this.#shown.hosts.delete(this.#host);
    removeEventListener('hashchange', this.#follow);
  }

  get(name: string): string | undefined {
    return this.#shown.params.get(name) || undefined;
  }

  /** Without a step in the history: a choice within a view is no place to go back to. An empty value leaves the address. */
  set(changes: Readonly<Record<string, string>>): void {
    this.#change(changes);
    if (this.#isInFront) history.replaceState(WHOLE, '', this.#href);
    this.#draw();
  }

  /** With a step: something was opened, and the way back closes it. */
  open(changes: Readonly<Record<string, string>>): void {
    if (this.#isInFront) history.replaceState(WHOLE, '', this.#href);
    this.#change(changes);
    if (this.#isInFront) history.pushState(WHOLE, '', this.#href);
    this.#draw();
  }

  get #href(): string {
    return routeHref(this.#route, Object.fromEntries(this.#shown.params));
  }

  /** Another view's address is not this one's to change. */
  get #isInFront(): boolean {
    return parseRoute(location.hash) === this.#route;
  }

  #change(changes: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(changes)) {
      if (value) this.#shown.params.set(name, value);
      else this.#shown.params.delete(name);
    }
  }

  #draw(): void {
    for (const host of this.#shown.hosts) host.requestUpdate();
  }

  readonly #follow = (): void => {
    this.#read();
    if (this.#isInFront) this.#host.requestUpdate();
  };

  /** A link to the plain address of a view asks for nothing: what was chosen there stands, and is in the address again. A way back asks for just that. */
  #read(): void {
    if (!this.#isInFront) return;
    const params = routeParams(location.hash);
    if (params.size > 0 || v.is(WholeSchema, history.state)) this.#shown.params = params;
    else if (this.#shown.params.size > 0) history.replaceState(WHOLE, '', this.#href);
  }
}
