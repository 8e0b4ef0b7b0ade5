import type { ReactiveController, ReactiveControllerHost } from 'lit';
import * as v from 'valibot';
import { readPreference, writePreference } from './preferences.ts';
import { parseRoute, ROUTES, type RouteId, routeHref } from './routes.ts';

const KEY = 'route';
/** The state of a step of the history that a view was shown for; that of a link just followed is null. */
const SEEN = { sill: 'seen' };

/** Follows the hash. No hash, or one that names nothing, is no route: the app then decides where to land. */
export class HashRouter implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #onNavigate: (isNew: boolean) => void;
  current: RouteId | undefined = parseRoute(location.hash);

  /** @param onNavigate told of another view, and whether it is a new step of the history: on the way back the browser knows how far it was scrolled */
  constructor(host: ReactiveControllerHost, onNavigate: (isNew: boolean) => void) {
    this.#host = host;
    this.#onNavigate = onNavigate;
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener('hashchange', this.#follow);
  }

  hostDisconnected(): void {
    removeEventListener('hashchange', this.#follow);
  }

  /** Where the person was last time. */
  remembered(): RouteId | undefined {
    return readPreference(KEY, v.optional(v.picklist(ROUTES)), undefined);
  }

  /** Without a step in the history: the address without a hash is no place to go back to. */
  land(route: RouteId): void {
    // A link that was just followed has changed the address; only its event is still on the way.
    const followed = parseRoute(location.hash);
    if (!followed) history.replaceState(SEEN, '', routeHref(route));
    this.#set(followed ?? route);
  }

  readonly #follow = (): void => {
    const isNew = history.state === null;
    if (isNew) history.replaceState(SEEN, '');
    const route = parseRoute(location.hash);
    if (!route || route === this.current) return;
    this.#set(route);
    this.#onNavigate(isNew);
  };

  #set(route: RouteId): void {
    this.current = route;
    writePreference(KEY, route);
    this.#host.requestUpdate();
  }
}
