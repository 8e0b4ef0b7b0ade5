import '../shortcuts/shortcut-list.ts';
import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { KioskController } from '../kiosk-controller.ts';
import { RouteParams } from '../route-params.ts';
import { ROUTE_WORDS } from '../route-words.ts';
import { isForStaff, MAIN_ROUTES, MANAGE_ROUTES, type RouteId, routeHref } from '../routes.ts';
import { capStyles, caps } from '../shortcuts/key-caps.ts';
import { keyCaps, keysOf } from '../shortcuts/shortcuts.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';
import { GUIDES, guideFile, guideNamed, guideWords } from './guides.ts';
import { viewWords } from './view-words.ts';

/** What a person needs to know to go on, all of it in the app itself. */
@customElement('sill-help-view')
export class SillHelpView extends SillElement {
  static override styles = [
    shared,
    viewStyles,
    capStyles,
    css`
      .sections,
      sill-guide {
        max-width: 56rem;
      }
      .card {
        display: grid;
        gap: var(--sill-space-12);
      }
      .card p,
      .card li {
        max-width: 46rem;
      }
      ol {
        display: grid;
        gap: var(--sill-space-8);
        padding-inline-start: var(--sill-space-24);
        list-style: decimal;
      }
      dl.views {
        display: grid;
        grid-template-columns: minmax(7.5rem, max-content) minmax(0, 1fr);
        gap: var(--sill-space-6) var(--sill-space-16);
      }
      dt {
        font-weight: 600;
      }
      h3 {
        margin-bottom: var(--sill-space-6);
      }
      .two {
        display: grid;
        gap: var(--sill-space-20);
      }
      @media (max-width: 40rem) {
        dl.views {
          grid-template-columns: minmax(0, 1fr);
          gap: 0;
        }
        dd {
          padding-bottom: var(--sill-space-8);
        }
        dt a {
          display: inline-flex;
          align-items: center;
          min-height: 2.75rem;
        }
      }
    `,
  ];

  readonly #kiosk = new KioskController(this);
  readonly #params = new RouteParams(this, 'help');

  override render() {
    const guide = guideNamed(this.#params.get('guide'));
    if (guide) {
      void import('./guide-text.ts');
      return html`${viewHead('help')}<sill-guide name=${guide}></sill-guide>`;
    }
    return html`
      ${viewHead('help')}
      <div class="sections">
        ${this.#begin()} ${this.#views()}
        <section class="stack" aria-labelledby="keys">
          <h2 id="keys">${msg('Keyboard shortcuts')}</h2>
          <div class="card"><sill-shortcut-list></sill-shortcut-list></div>
        </section>
        ${this.#data()} ${this.#trouble()} ${this.#more()}
      </div>
    `;
  }

  #begin() {
    return html`
      <section class="stack" aria-labelledby="begin">
        <h2 id="begin">${msg('To begin')}</h2>
        <div class="card">
          <ol>
            <li>${msg('Install a model: Overview proposes a small one, Models has all.')} <a href=${routeHref('overview')}>${msg('Go to Overview')}</a></li>
            <li>${msg('Ask it something in Chat, let it go on with a text in Write, or search your documents in Search.')}</li>
            <li>${msg('From then on the network may be gone: the app and what is installed are on this device.')}</li>
          </ol>
          <p>${caps(keyCaps(keysOf('palette')))} ${msg('The command palette finds every view, model and action by a few letters. On a phone it is the magnifying glass at the top.')}</p>
        </div>
      </section>
    `;
  }

  #views() {
    const list = (routes: readonly RouteId[]) => html`
      <dl class="views">
        ${routes.map((route) => html`<dt><a href=${routeHref(route)}>${ROUTE_WORDS[route].label()}</a></dt><dd>${viewWords(route)}</dd>`)}
      </dl>
    `;
    return html`
      <section class="stack" aria-labelledby="views">
        <h2 id="views">${msg('What each view is for')}</h2>
        <div class="card two">
          <div><h3>${msg('To use models')}</h3>${list(MAIN_ROUTES)}</div>
          <div><h3>${msg('To manage them')}</h3>${list(MANAGE_ROUTES.filter((route) => route !== 'help' && !(this.#kiosk.locked && isForStaff(route))))}</div>
        </div>
      </section>
    `;
  }

  #data() {
    return html`
      <section class="stack" aria-labelledby="data">
        <h2 id="data">${msg('Where your data is')}</h2>
        <div class="card">
          <p>${msg('Models, documents, conversations, results and settings are in the storage that this browser keeps for this site, on this device and nowhere else. Another browser, another profile or a private window has its own.')}</p>
          <p>${msg('Clearing the data of this site in the browser deletes all of it. So that the browser does not do it by itself when space is short, let it keep the storage; and save a copy of what you cannot do without.')} <a href=${routeHref('storage')}>${msg('Both are in Storage')}</a></p>
          <p>${msg('What the app asked the network for is listed request by request.')} <a href=${routeHref('network')}>${msg('Look at the requests')}</a></p>
        </div>
      </section>
    `;
  }

  #trouble() {
    return html`
      <section class="stack" aria-labelledby="trouble">
        <h2 id="trouble">${msg('When something does not work')}</h2>
        <div class="card">
          <p>${msg('Overview says what needs attention, with the one thing that helps. The log has what happened before.')} <a href=${routeHref('log', { level: 'warning' })}>${msg('Show warnings and errors')}</a></p>
          <p>${msg('A model that is slow or does not fit: Device says what this device can do. Models that are damaged are mended in Storage or in their card.')}</p>
          <p>${msg('If the app itself does not open any more, open the page rescue.html of this site: it repairs the app and keeps what is stored.')}</p>
        </div>
      </section>
    `;
  }

  #more() {
    return html`
      <section class="stack" aria-labelledby="more">
        <h2 id="more">${msg('To read on')}</h2>
        <div class="card">
          <p>${msg('The guides, in English. They are on this device as the app is, and open without a network.')}</p>
          <dl class="views">
            ${GUIDES.map((name) => html`<dt><a href=${routeHref('help', { guide: name })}>${guideFile(name)}</a></dt><dd>${guideWords(name)}</dd>`)}
          </dl>
          ${this.#kiosk.locked ? html`<p>${msg('This device is looked after by an operator: ask them about what cannot be changed here.')}</p>` : ''}
        </div>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-help-view': SillHelpView;
  }
}
