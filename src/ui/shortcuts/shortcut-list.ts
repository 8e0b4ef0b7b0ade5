import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { ROUTE_WORDS } from '../route-words.ts';
import { ROUTES, routeHref } from '../routes.ts';
import { shared } from '../styles/shared.ts';
import { capStyles, caps } from './key-caps.ts';
import { areSinglesOn, followSingles } from './shortcut-keys.ts';
import { actionWords, keyCaps, keysOf, localShortcuts, SHORTCUTS, type ShortcutAction } from './shortcuts.ts';

/** The table of all shortcuts, for the sheet and for Help. */
@customElement('sill-shortcut-list')
export class SillShortcutList extends SillElement {
  static override styles = [
    shared,
    capStyles,
    css`
      :host {
        container-type: inline-size;
      }
      .lists {
        display: grid;
        gap: var(--sill-space-20) var(--sill-space-32);
      }
      @container (min-width: 36rem) {
        .lists {
          grid-template-columns: 1fr 1fr;
        }
      }
      dl {
        display: grid;
        gap: var(--sill-space-2);
        margin-top: var(--sill-space-6);
        align-content: start;
      }
      dl > div {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--sill-space-12);
        min-height: 2rem;
        border-bottom: 1px solid var(--wa-color-surface-border);
      }
      .note {
        margin-top: var(--sill-space-16);
      }
    `,
  ];

  constructor() {
    super();
    followSingles(this);
  }

  override render() {
    const actions = SHORTCUTS.flatMap(({ name }) => (isAction(name) ? [name] : []));
    return html`
      <div class="lists">
        <section aria-labelledby="views">
          <h3 id="views">${msg('Go to a view')}</h3>
          <dl>${ROUTES.map((route) => this.#row(ROUTE_WORDS[route].label(), keyCaps(keysOf(`view:${route}`))))}</dl>
        </section>
        <section aria-labelledby="anywhere">
          <h3 id="anywhere">${msg('Anywhere')}</h3>
          <dl>
            ${actions.map((name) => this.#row(actionWords(name), keyCaps(keysOf(name))))}
            ${localShortcuts().map((each) => this.#row(each.words, each.caps))}
          </dl>
        </section>
      </div>
      <p class="small quiet note">
        ${
          areSinglesOn()
            ? msg('Characters do nothing while you write in a field.')
            : msg('Shortcuts of single characters are turned off: only those with a modifier work.')
        }
        <a href=${routeHref('settings', { section: 'keyboard' })}>${msg('Change this in Settings')}</a>
      </p>
    `;
  }

  #row(words: string, steps: ReturnType<typeof keyCaps>) {
    return html`<div><dt>${words}</dt><dd>${caps(steps)}</dd></div>`;
  }
}

const isAction = (name: string): name is ShortcutAction => !name.startsWith('view:');

declare global {
  interface HTMLElementTagNameMap {
    'sill-shortcut-list': SillShortcutList;
  }
}
