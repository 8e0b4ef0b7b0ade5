import { consume } from '@lit/context';
import { msg, str } from '@lit/localize';
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { headerStyles } from './app-header.styles.ts';
import { navigationStyles } from './app-navigation.styles.ts';
import { appContext } from './context.ts';
import { SillElement } from './element.ts';
import { EventsController } from './events-controller.ts';
import { formatBytes } from './format.ts';
import { KioskController } from './kiosk-controller.ts';
import { chooseLocale, currentLocale, LANGUAGE_NAMES, LOCALES } from './locale.ts';
import { ROUTE_WORDS } from './route-words.ts';
import { isForStaff, isManaged, MAIN_ROUTES, MANAGE_ROUTES, type RouteId, routeHref } from './routes.ts';
import { type AppShell, INITIAL_SHELL } from './shell.ts';
import { capStyles, caps } from './shortcuts/key-caps.ts';
import { keyCaps, keysOf } from './shortcuts/shortcuts.ts';
import { shared } from './styles/shared.ts';
import { chooseTheme, currentTheme, followTheme, THEMES, themeWords } from './theme.ts';
import { UpdatesController } from './updates-controller.ts';

/** The other views are in the sheet; as in the styles. */
const NARROW = matchMedia('(max-width: 50rem)');

/**
 * Brand, navigation, and the few settings that concern the whole page: a rail with both groups of views on wide screens; on phones a top bar, and a
 * bottom bar with the views in which models are used and a button that opens the others.
 *
 * @fires sill-skip when the person wants to go past the navigation
 * @fires sill-palette when they want the command palette
 */
@customElement('sill-app-header')
export class SillAppHeader extends SillElement {
  protected static override readonly drawsApart = true;
  static override styles = [shared, capStyles, headerStyles, navigationStyles];

  @property({ attribute: false }) route: RouteId | undefined;
  @consume({ context: appContext, subscribe: true }) @state() private shell: AppShell = INITIAL_SHELL;
  /** The sheet was opened before. */
  @state() private opened = false;

  @query('dialog') private sheet!: HTMLDialogElement | null;
  @query('.navs') private navs!: HTMLElement | null;

  readonly #updates = new UpdatesController(this);
  readonly #kiosk = new KioskController(this);

  constructor() {
    super();
    followTheme(this);
    new EventsController(this, window, ['online', 'offline']);
    new EventsController(this, NARROW, ['change']);
  }

  override render() {
    return html`
      <header>
        <button class="skip" @click=${() => this.emit('sill-skip')}>${msg('Skip to content')}</button>
        <div class="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true"><path d="M6 5h20v17H6z M16 5v17 M6 13.5h20" /><path class="ledge" d="M3 26h26" /></svg>
          <span>Sill</span>
        </div>
        ${this.shell.insecure ? html`<div></div><div></div>` : html`${this.#palette()}${this.#navigation()}`}
        <div class="tools">
          ${this.#status()}
          <div class="choices">
            <button class="tool" aria-label=${this.#themeLabel()} title=${this.#themeLabel()} @click=${this.#nextTheme}>
              <wa-icon name=${{ system: 'system', light: 'sun', dark: 'moon' }[currentTheme()]}></wa-icon>
            </button>
            <label class="language">
              <span class="visually-hidden">${msg('Language')}</span>
              <select @change=${this.#onLocale}>
                ${LOCALES.map((locale) => html`<option value=${locale} lang=${locale} .selected=${live(locale === currentLocale())}>${LANGUAGE_NAMES[locale]}</option>`)}
              </select>
            </label>
          </div>
        </div>
      </header>
    `;
  }

  #palette() {
    return html`
      <button class="palette" aria-haspopup="dialog" aria-keyshortcuts="Control+K Meta+K" @click=${() => this.emit('sill-palette')}>
        <wa-icon name="search"></wa-icon><span class="words">${msg('Commands')}</span>
        <span aria-hidden="true">${caps(keyCaps(keysOf('palette')))}</span>
      </button>
    `;
  }

  #navigation() {
    const isInSheet = this.route !== undefined && isManaged(this.route);
    return html`
      <div class="navs">
        <nav class="main" aria-label=${msg('Main')}>
          <ul>
            ${MAIN_ROUTES.map((route) => this.#link(route))}
            <li class="more">
              <button aria-haspopup="dialog" aria-current=${isInSheet ? 'true' : 'false'} @click=${this.#openSheet}>
                <wa-icon name="menu"></wa-icon><span>${msg('Manage')}</span>
                ${this.#newsCount > 0 ? html`<span class="news" aria-hidden="true"></span><span class="visually-hidden">${msg('(updates)')}</span>` : nothing}
              </button>
            </li>
          </ul>
        </nav>
        ${NARROW.matches ? nothing : html`<nav class="manage" aria-labelledby="manage"><p id="manage">${msg('Manage')}</p>${this.#managed()}</nav>`}
      </div>
      <dialog aria-labelledby="sheet" @click=${this.#onSheet}>
        <div class="sheet">
          <div class="top">
            <p id="sheet">${msg('Manage')}</p>
            <button class="tool" aria-label=${msg('Close')} @click=${this.#closeSheet}><wa-icon name="xmark"></wa-icon></button>
          </div>
          <nav aria-labelledby="sheet">${this.opened ? this.#managed() : nothing}</nav>
        </div>
      </dialog>
    `;
  }

  #managed() {
    return html`<ul>${MANAGE_ROUTES.filter((route) => !(this.#kiosk.locked && isForStaff(route))).map((route) => this.#link(route))}</ul>`;
  }

  #link(route: RouteId) {
    const { label, icon } = ROUTE_WORDS[route];
    return html`
      <li>
        <a href=${routeHref(route)} aria-current=${route === this.route ? 'page' : 'false'}>
          <wa-icon name=${icon}></wa-icon><span>${label()}</span>${route === 'updates' ? this.#news() : nothing}
        </a>
      </li>
    `;
  }

  get #newsCount(): number {
    return this.#updates.store?.newsCount ?? 0;
  }

  #news() {
    const count = this.#newsCount;
    if (count === 0) return nothing;
    return html`<span class="count" aria-hidden="true">${count}</span><span class="visually-hidden">${msg(str`(${count} to look at)`)}</span>`;
  }

  async #openSheet(): Promise<void> {
    this.opened = true;
    await this.updateComplete;
    this.sheet?.showModal();
  }

  readonly #closeSheet = (): void => this.sheet?.close();

  /** On the way to a view, and beside the sheet. */
  #onSheet(event: Event): void {
    const way = event.composedPath();
    if (way[0] === this.sheet || way.some((each) => each instanceof HTMLAnchorElement)) this.#closeSheet();
  }

  /** In a low window the rail scrolls: the current view is never out of sight in it. The bar of a phone does not, and is not measured. */
  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('route') || !this.navs || NARROW.matches) return;
    const current = this.navs.querySelector<HTMLElement>("[aria-current='page']");
    if (!current) return;
    const [top, bottom] = [current.offsetTop, current.offsetTop + current.offsetHeight];
    const { scrollTop, clientHeight } = this.navs;
    if (top < scrollTop) this.navs.scrollTop = top - 8;
    else if (bottom > scrollTop + clientHeight) this.navs.scrollTop = bottom - clientHeight + 8;
  }

  /** Never claims more than is true: without a service worker, or before all is stored, a reload needs the network. */
  #status() {
    const { icon, text, hint } = this.#statusWords();
    return html`<p class="status" role="status" title=${hint}><wa-icon name=${icon}></wa-icon><span>${text}</span></p>`;
  }

  #statusWords(): { icon: string; text: string; hint: string } {
    if (this.shell.insecure) return { icon: 'warning', text: msg('Not secure'), hint: msg('Opened over plain http.') };
    if (this.shell.offline === 'ready') {
      const hint = msg('The app is stored on this device. Installed models work without a network.');
      return navigator.onLine ? { icon: 'ok', text: msg('Works offline'), hint } : { icon: 'offline', text: msg('Offline, ready'), hint };
    }
    if (this.shell.offline === 'stored') {
      const hint = msg(
        'The app and the model runtime are stored on this device. What is still missing is a model: install one, or import one from a file.',
      );
      return { icon: navigator.onLine ? 'ok' : 'offline', text: navigator.onLine ? msg('App stored') : msg('Offline, no model'), hint };
    }
    if (this.shell.offline === 'unsupported')
      return { icon: 'absent', text: msg('Needs network'), hint: msg('This browser cannot keep the app for use without a network.') };
    return navigator.onLine
      ? {
          icon: 'download',
          text: msg('Preparing offline'),
          hint: this.#preparingHint(),
        }
      : {
          icon: 'offline',
          text: msg('Offline'),
          hint: msg('The app is not stored yet: do not close this page if you want to go on using it.'),
        };
  }

  #preparingHint(): string {
    const { runtimeMissingBytes = 0 } = this.shell;
    if (runtimeMissingBytes === 0) return msg('The app is being stored for use without a network. Installing a model completes it.');
    return msg(
      str`Still missing for use without a network: the model runtime, ${formatBytes(runtimeMissingBytes)}. It comes by itself where the connection costs nothing, with the first model, or when you ask for it in Storage.`,
    );
  }

  #themeLabel(): string {
    return msg(str`Appearance: ${themeWords(currentTheme())}`);
  }

  #nextTheme(): void {
    chooseTheme(THEMES[(THEMES.indexOf(currentTheme()) + 1) % THEMES.length] ?? 'system');
  }

  #onLocale(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    const locale = LOCALES.find((known) => known === value);
    if (locale) void chooseLocale(locale);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-app-header': SillAppHeader;
  }
}
