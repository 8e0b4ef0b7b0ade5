import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { parseRoute, routeParams } from './routes.ts';
import type { SectionedRoute } from './view-sections.ts';

interface Host extends ReactiveControllerHost {
  readonly renderRoot: ParentNode;
}

/**
 * Leads to the section that the address of a view names, once for each time that it is asked for: the section is scrolled to, and its heading takes the
 * focus. A section is what has the name as its id: the heading itself, or the element that draws it, which may come late.
 */
export class SectionLink implements ReactiveController {
  readonly #host: Host;
  readonly #route: SectionedRoute;
  readonly #late = new MutationObserver(() => this.#lead());
  #wanted: string | undefined;

  constructor(host: Host, route: SectionedRoute) {
    this.#host = host;
    this.#route = route;
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener('hashchange', this.#follow);
    this.#follow();
  }

  hostDisconnected(): void {
    removeEventListener('hashchange', this.#follow);
    this.#late.disconnect();
  }

  hostUpdated(): void {
    this.#lead();
  }

  readonly #follow = (): void => {
    this.#late.disconnect();
    const { hash } = location;
    this.#wanted = (parseRoute(hash) === this.#route && routeParams(hash).get('section')) || undefined;
    // After the app has shown the view: what is hidden takes no focus.
    if (this.#wanted) this.#host.requestUpdate();
  };

  #lead(): void {
    if (!this.#wanted) return;
    const section = this.#host.renderRoot.querySelector(`#${CSS.escape(this.#wanted)}`);
    const { shadowRoot } = section ?? {};
    const heading = shadowRoot ? (shadowRoot.querySelector('h2') ?? shadowRoot.querySelector('section')) : section;
    if (!(heading instanceof HTMLElement)) {
      if (shadowRoot) this.#late.observe(shadowRoot, { childList: true, subtree: true });
      return;
    }
    this.#late.disconnect();
    this.#wanted = undefined;
    heading.tabIndex = -1;
    heading.scrollIntoView({ block: 'start' });
    heading.focus({ preventScroll: true });
  }
}
