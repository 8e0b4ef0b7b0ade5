import './styles/tokens.css';
import './styles/start.css';
import './icons/icons.ts';
import './app-header.ts';
import './storage-bar.ts';
import './update-bar.ts';
import './elements/error-note.ts';
import './notices/notice-list.ts';
import './overview/welcome.ts';
import { ContextProvider } from '@lit/context';
import { msg } from '@lit/localize';
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { toSillError } from '../core/errors.ts';
import type { Sealing } from '../ports/sealing.ts';
import type { Sill } from '../protocol/sill.ts';
import { appStyles } from './app.styles.ts';
import { AppStores } from './app-stores.ts';
import { appContext, sealingContext, sillContext } from './context.ts';
import { SillElement, task } from './element.ts';
import { WARM_UP } from './format.ts';
import { noteStart } from './kiosk/start-address.ts';
import { mendLanguage } from './language.ts';
import { applyLocale, followLocale, preferredLocale } from './locale.ts';
import type { Telling } from './notices/notices-store.ts';
import { systemTelling } from './notices/telling.ts';
import type { PageDeed } from './palette/commands.ts';
import { ROUTE_TABLE } from './route-table.ts';
import { ROUTE_WORDS } from './route-words.ts';
import { HashRouter } from './router.ts';
import { isForStaff, ROUTES, type RouteId, routeHref } from './routes.ts';
import { type AppShell, INITIAL_SHELL } from './shell.ts';
import { ShortcutKeys } from './shortcuts/shortcut-keys.ts';
import type { ShortcutName } from './shortcuts/shortcuts.ts';
import { shared } from './styles/shared.ts';
import { focusViewSearch } from './view-search.ts';

const LONGEST_FRAME_MS = 200;

/** Resolves when what was rendered is on the screen. A tab in the background draws nothing, and waits for nothing. */
const frame = (): Promise<void> =>
  new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, LONGEST_FRAME_MS);
  });

/**
 * The frame of the app: navigation, the views that were visited (kept, so that work goes on when looking elsewhere), and what
 * concerns all of them. The composition root sets `sill` when the engine answers and `shell` when something about the page changes.
 */
@customElement('sill-app')
export class SillApp extends SillElement {
  static override styles = [shared, appStyles];
  protected static override readonly drawsApart = true;

  @property({ attribute: false }) sill?: Sill;
  /** Set before `sill`. */
  @property({ attribute: false }) sealing?: Sealing;
  @property({ attribute: false }) shell: AppShell = INITIAL_SHELL;

  @state() private loaded: ReadonlySet<RouteId> = new Set();
  @state() private viewError: unknown;
  /** Of a device that began locked: nothing is left of whoever was here before. Until then no view reads what they chose or wrote. */
  @state() private isClean = false;
  @query('main') private main!: HTMLElement | null;

  /** Resolves once a person sees the first view, or what stands in its place. On a first visit that takes no engine. */
  readonly drawn: Promise<void>;

  /** True while something runs that a reload would cut off. */
  get busy(): boolean {
    return this.#stores.activity.busy;
  }

  /** Runs go on whatever view is in front, and one that needs no hand is begun before any is. */
  get benchmarks(): AppStores['benchmarks'] {
    return this.#stores.benchmarks;
  }

  readonly #stores = new AppStores(this, (end) => this.#tell(end));
  readonly #kiosk = this.#stores.kiosk;
  readonly #router: HashRouter = new HashRouter(this, (isNew) => {
    if (isNew) scrollTo({ top: 0, behavior: 'instant' });
    this.main?.focus({ preventScroll: true });
    if (this.#router.current) this.#stores.notices.seen(this.#router.current);
  });
  readonly #sill = new ContextProvider(this, { context: sillContext });
  readonly #sealing = new ContextProvider(this, { context: sealingContext });
  readonly #shell = new ContextProvider(this, { context: appContext, initialValue: INITIAL_SHELL });
  #disconnect: (() => void) | undefined;
  /** A view that failed to load is tried again when the person comes back to it, not in a loop. */
  #attempted: RouteId | undefined;
  #draw = (): void => undefined;

  constructor() {
    super();
    this.drawn = new Promise((resolve) => {
      this.#draw = () => void frame().then(resolve);
    });
    this.#kiosk.addEventListener('change', () => this.requestUpdate());
    this.#stores.activity.addEventListener('change', () => this.requestUpdate());
    this.#stores.models.addEventListener('change', () => {
      this.#land();
      this.#keepFocus();
    });
    noteStart();
    new ShortcutKeys(this, (name) => this.#shortcut(name));
    mendLanguage();
    void applyLocale(preferredLocale());
    followLocale();
    // Where a start without an address most likely lands: on its way while the engine is asked. A fault shows when it is opened.
    const likely = this.#router.current ? undefined : this.#router.remembered();
    if (likely) ROUTE_TABLE[likely].load().catch(() => undefined);
  }

  protected override async firstUpdated(): Promise<void> {
    await this.renderRoot.querySelector('sill-app-header')?.updateComplete;
    // What index.html drew before there was an app.
    document.querySelector('.start')?.remove();
    await frame();
    for (const warm of WARM_UP) {
      await task();
      warm();
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#disconnect?.();
    this.#disconnect = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('shell')) this.#shell.setValue(this.shell);
    if (changed.has('sealing') && this.sealing) this.#sealing.setValue(this.sealing);
    if (changed.has('sill')) {
      this.#disconnect?.();
      this.#disconnect = this.sill && this.#stores.connect(this.sill);
      this.#sill.setValue(this.sill);
    }
    // Its views are not so much as loaded.
    if (this.#kiosk.screen) return;
    if (this.sill && this.shell.firstVisit) this.#land();
    const route = this.#router.current;
    if (!route || !this.sill || route === this.#attempted) return;
    this.#attempted = route;
    this.viewError = undefined;
    if (!this.loaded.has(route)) void this.#load(route);
  }

  protected override updated(): void {
    if (this.sill && (this.#kiosk.screen || this.viewError || !this.#waiting)) this.#draw();
    if (this.#kiosk.screen) return;
    const route = this.#router.current;
    document.title = route ? `${ROUTE_WORDS[route].label()} · Sill` : 'Sill';
  }

  override render() {
    const { screen, report } = this.#kiosk;
    if (screen && !this.shell.insecure) {
      void import('./kiosk/kiosk-app.ts');
      return html`<sill-kiosk .screen=${screen} ?held=${this.#kiosk.isHeld} ?fresh=${this.#kiosk.isNew}></sill-kiosk>`;
    }
    if (report?.staffLeftMs !== undefined) void import('./kiosk/staff-bar.ts');
    if (this.#kiosk.holdsViews)
      // Without it nothing would be deleted after anybody: then no view is shown either, and why.
      import('./kiosk/view-visits.ts').catch((error: unknown) => {
        this.viewError = error;
      });
    return html`
      <sill-app-header
        .route=${this.#router.current}
        @sill-skip=${() => this.main?.focus()}
        @sill-palette=${() => void this.#open('palette')}
      ></sill-app-header>
      <main tabindex="-1" aria-busy=${this.#waiting}>
        ${this.shell.storage === 'usable' ? nothing : html`<sill-storage-bar .storage=${this.shell.storage}></sill-storage-bar>`}
        ${report?.staffLeftMs === undefined ? nothing : html`<sill-staff-bar></sill-staff-bar>`}
        ${this.shell.updateWaiting ? html`<sill-update-bar .busy=${this.#stores.activity.busy}></sill-update-bar>` : nothing} ${this.#content()}
      </main>
      <sill-notices @sill-skip=${() => this.main?.focus({ preventScroll: true })}></sill-notices>
      <sill-command-palette @sill-deed=${({ detail }: CustomEvent<PageDeed>) => this.#shortcut(detail.kind)}></sill-command-palette>
      <sill-shortcut-sheet></sill-shortcut-sheet>
      ${
        this.#kiosk.holdsViews
          ? html`<sill-view-visits .pace=${this.#kiosk.pace} ?fresh=${this.#kiosk.isNew} ?after-staff=${this.#kiosk.followsStaff} @sill-clean=${() => (this.isClean = true)}></sill-view-visits>`
          : nothing
      }
    `;
  }

  /** Whoever looks at the work sees its end. Nobody who stands before a kiosk has asked for any. */
  #tell(end: Telling): void {
    if (this.#kiosk.screen) return;
    const route = this.#router.current;
    if (!document.hidden && route && end.seenIn.includes(route)) return;
    this.#stores.notices.tell(end);
    void systemTelling.tell({ tag: end.about, title: end.words(), hash: end.href });
  }

  /** A kiosk has one task and no others; before there is an engine there is nothing to go to. */
  #shortcut(name: ShortcutName): boolean {
    if (this.#kiosk.screen || !this.sill) return false;
    if (name === 'undo') return this.#stores.notices.undo();
    // A view in which nothing can be looked for: in all of them, then.
    if (name === 'search') return (this.main !== null && focusViewSearch(this.main)) || this.#shortcut('palette');
    if (name === 'palette' || name === 'shortcuts') void this.#open(name);
    else location.hash = name === 'new-chat' ? routeHref('chat', { new: 'yes' }) : `#/${name.slice('view:'.length)}`;
    return true;
  }

  /** Comes with its first use. */
  async #open(what: 'palette' | 'shortcuts'): Promise<void> {
    await (what === 'palette' ? import('./palette/command-palette.ts') : import('./shortcuts/shortcut-sheet.ts'));
    const element = this.renderRoot.querySelector(what === 'palette' ? 'sill-command-palette' : 'sill-shortcut-sheet');
    await element?.updateComplete;
    element?.show();
  }

  get #waiting(): boolean {
    const route = this.#router.current;
    return !this.shell.insecure && (this.sill || !this.shell.failure) && (!route || !this.loaded.has(route) || this.#isUnclean);
  }

  get #isUnclean(): boolean {
    // What the staff had in the views goes with the page: see `sill-view-visits`.
    return this.#kiosk.holdsViews && (this.#kiosk.followsStaff || (this.#kiosk.beganLocked && !this.isClean));
  }

  #content(): TemplateResult {
    if (this.shell.insecure) {
      void import('./insecure-page.ts');
      return html`<sill-insecure-page></sill-insecure-page>`;
    }
    if (this.#kiosk.question) {
      void import('./kiosk/kiosk-question.ts');
      return html`<sill-kiosk-question></sill-kiosk-question>`;
    }
    const failure = this.viewError ? toSillError(this.viewError) : (this.shell.failure ?? this.#kiosk.error);
    if (failure && (this.viewError || !this.sill))
      return html`<h1 class="visually-hidden">Sill</h1><sill-error .error=${failure}></sill-error>`;
    const route = this.#router.current;
    const isKept = (id: RouteId): boolean => this.#kiosk.locked && isForStaff(id);
    const visited = this.#isUnclean ? [] : ROUTES.filter((id) => this.loaded.has(id) && !isKept(id));
    if (route && isKept(route)) void import('./kiosk/staff-view.ts');
    return html`
      ${failure ? html`<sill-error class="failure" .error=${failure}></sill-error>` : nothing}
      ${this.#waiting ? this.#starting() : nothing} ${route && isKept(route) ? html`<sill-staff-view .route=${route}></sill-staff-view>` : nothing}
      ${repeat(
        visited,
        (id) => id,
        (id) => ROUTE_TABLE[id].render(id !== route),
      )}
    `;
  }

  /** Who was never here reads what this is meanwhile. */
  #starting(): TemplateResult {
    const words = msg('Starting…');
    const route = this.#router.current;
    return route && this.shell.firstVisit
      ? html`<p class="visually-hidden" role="status">${words}</p><sill-welcome .route=${route}></sill-welcome>`
      : html`<p class="waiting" role="status">${words}</p>`;
  }

  /**
   * Once the models are known: with nothing installed the only useful place is where the first one is chosen. Who was never here has nothing
   * installed, and is welcomed while the engine is fetched.
   */
  #land(): void {
    if (this.#router.current || this.#kiosk.screen) return;
    if (!this.shell.firstVisit && !this.#stores.models.list && !this.#stores.models.error) return;
    const someInstalled = this.#stores.models.list?.models.some((model) => model.installed) ?? false;
    const somewhere = someInstalled ? 'write' : 'overview';
    // Each person begins at the same place, wherever the last one was.
    const remembered = this.#kiosk.holdsViews ? undefined : this.#router.remembered();
    this.#router.land(someInstalled || this.shell.firstVisit ? (remembered ?? somewhere) : somewhere);
  }

  /** A model that comes or goes may take the focused button with it; the keyboard would then start from the top of the page. */
  #keepFocus(): void {
    if (!this.main?.matches(':focus-within')) return;
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) this.main?.focus({ preventScroll: true });
    });
  }

  async #load(route: RouteId): Promise<void> {
    try {
      if (this.shell.firstVisit) await frame();
      await ROUTE_TABLE[route].load();
      this.loaded = new Set([...this.loaded, route]);
    } catch (error) {
      this.viewError = error;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-app': SillApp;
  }
}
