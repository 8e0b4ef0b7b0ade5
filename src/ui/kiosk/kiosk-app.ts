import './kiosk-fault.ts';
import './pin-entry.ts';
import { ContextConsumer, consume } from '@lit/context';
import { msg, str } from '@lit/localize';
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import type { SillError } from '../../core/errors.ts';
import { isPersons, type KioskView } from '../../core/kiosk/recovery.ts';
import type { KioskScreen } from '../../core/kiosk/rules.ts';
import { nextVisit, type Visit, type VisitEvent, visitLeftMs } from '../../core/kiosk/visit.ts';
import { VISIT_LOCK } from '../../protocol/locks.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { activityContext, appContext, kioskContext, sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import type { KioskStore } from '../kiosk-store.ts';
import { applyLocale, chooseLocale, currentLocale, LANGUAGE_NAMES, LOCALES, preferredLocale } from '../locale.ts';
import { ModelsController } from '../models-controller.ts';
import { type AppShell, INITIAL_SHELL } from '../shell.ts';
import { shared } from '../styles/shared.ts';
import { kioskControls, kioskType } from './kiosk.styles.ts';
import { kioskAppStyles } from './kiosk-app.styles.ts';
import { KioskHealth } from './kiosk-health.ts';
import { taskWordsOf } from './kiosk-words.ts';
import { canDo, lookAtKiosk } from './look-at-kiosk.ts';
import { PageMemory } from './page-memory.ts';
import { watchPageTraces } from './page-traces.ts';
import { quietPage } from './quiet-page.ts';
import { TASK_ELEMENTS } from './task-elements.ts';
import { WakeLock } from './wake-lock.ts';

/** Finer than a person reads a countdown. */
const TICK_MS = 500;

/** A device with one task, for one person after the other: nothing of the last one is left for the next. */
@customElement('sill-kiosk')
export class SillKiosk extends SillElement {
  static override styles = [shared, kioskType, kioskControls, kioskAppStyles];

  @property({ attribute: false }) screen!: KioskScreen;
  @consume({ context: appContext, subscribe: true }) @state() private shell: AppShell = INITIAL_SHELL;
  /** A page that was loaded under somebody, or crashed: what they left is found by nobody. */
  @state() private visit: Visit = { phase: 'wiping' };
  @state() private asksPin = false;
  @state() private isReady = false;
  @query('.stay') private stay!: HTMLElement | null;

  /** Of the persons since the page was loaded: each has elements of their own. */
  #person = 0;
  #isWiping = false;
  #endVisit: (() => void) | undefined;
  /** Said once: it reloads the page when nothing is under way in any tab. */
  #isUpdating = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #unquiet: (() => void) | undefined;
  #traces: ReturnType<typeof watchPageTraces> | undefined;
  readonly #memory = new PageMemory();
  readonly #models = new ModelsController(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true, callback: () => this.#onEngine() });
  readonly #activity = new ContextConsumer(this, { context: activityContext });
  readonly #kiosk = new ContextConsumer<{ __context__: KioskStore }, this>(this, { context: kioskContext });
  readonly #health: KioskHealth = new KioskHealth(this, () => this.#look());

  constructor() {
    super();
    new WakeLock(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#traces = watchPageTraces();
    // Elsewhere a touch is a button's: one that is taken away under the finger is never pressed.
    this.#unquiet = quietPage(() => {
      if (this.visit.phase === 'here') this.#step({ type: 'touch' });
    });
    this.#timer = setInterval(() => this.#step({ type: 'tick', busy: this.#activity.value?.busy ?? false }), TICK_MS);
    void this.#wipe();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    this.#unquiet?.();
    this.#traces?.end();
    this.#endVisit?.();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // The engine tells the same screen again: nobody loses what they wrote by it.
    if (changed.has('screen') && changed.get('screen')?.task !== this.screen.task) {
      this.isReady = false;
      void TASK_ELEMENTS[this.screen.task].load().then(() => {
        this.isReady = true;
      });
    }
    document.title = this.#title;
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('visit') && this.visit.phase === 'warning') this.stay?.focus();
    // Nobody is there, and nothing is under way.
    if (this.shell.updateWaiting && this.visit.phase === 'attract' && !this.#activity.value?.busy && !this.#isUpdating) {
      this.#isUpdating = true;
      this.shell.applyUpdate();
    }
  }

  /** Nobody was there yet, or is. */
  get #isBetween(): boolean {
    return this.visit.phase === 'attract' || (this.visit.phase === 'wiping' && this.#person === 0);
  }

  get #title(): string {
    return this.screen.title ?? taskWordsOf(this.screen.task).title;
  }

  get #model(): ModelSummary | undefined {
    const { model, task } = this.screen;
    return this.#models.store?.list?.models.find((each) =>
      model === undefined ? each.state === 'installed' && canDo(each, task) : each.id === model,
    );
  }

  override render() {
    return html`
      <div class="frame" data-phase=${this.visit.phase}>
        ${this.asksPin ? this.#pin() : this.#health.fault ? this.#fault() : this.#isBetween ? this.#attract() : this.#task()}
        ${this.#footer()}
      </div>
      ${this.visit.phase === 'warning' && !this.asksPin ? this.#warning() : nothing}
    `;
  }

  #attract(): TemplateResult {
    return html`
      <main class="attract" @click=${this.visit.phase === 'attract' ? this.#begin : nothing}>
        <wa-icon name=${this.screen.task === 'chat' ? 'write' : this.screen.task}></wa-icon>
        <h1>${this.#title}</h1>
        <p>${taskWordsOf(this.screen.task).invitation}</p>
        ${
          this.visit.phase === 'attract'
            ? html`<button class="main begin">${msg('Touch to begin')}</button>`
            : html`<p role="status">${msg('Starting…')}</p>`
        }
        <p class="small quiet">${msg('Everything is computed on this device. Nothing that you write or say leaves it, and all of it is deleted after you.')}</p>
      </main>
    `;
  }

  #task(): TemplateResult {
    const [sill, activity, model] = [this.#sill.value, this.#activity.value, this.#model];
    return html`
      <main class="task" aria-busy=${this.visit.phase === 'wiping'}>
        <header>
          <h1>${this.#title}</h1>
          <button class="again" @click=${() => this.#step({ type: 'again' })}><wa-icon name="undo"></wa-icon>${msg('Start again')}</button>
        </header>
        <div class="desk" @sill-kiosk-answer=${this.#onAnswer}>
          ${
            this.visit.phase === 'wiping' || !sill || !activity || !model || !this.isReady
              ? html`<p role="status">${this.visit.phase === 'wiping' ? msg('Deleting what was written…') : msg('Starting…')}</p>`
              : keyed(this.#person, TASK_ELEMENTS[this.screen.task].render({ sill, activity, screen: this.screen, model: model.id }))
          }
        </div>
      </main>
    `;
  }

  #warning(): TemplateResult {
    const seconds = Math.ceil((visitLeftMs(this.visit, this.screen, performance.now()) ?? 0) / 1000);
    return html`
      <div class="veil" @click=${() => this.#step({ type: 'touch' })}>
        <div class="ask" role="alertdialog" aria-modal="true" aria-labelledby="still" aria-describedby="soon">
          <h2 id="still">${msg('Are you still there?')}</h2>
          <p id="soon">${msg(str`Everything that was written here is deleted in ${seconds} s, for the next person.`)}</p>
          <div class="row">
            <button @click=${this.#deleteNow}>${msg('Delete it now')}</button>
            <button class="main stay">${msg('I am still here')}</button>
          </div>
        </div>
      </div>
    `;
  }

  #fault(): TemplateResult {
    const seconds = Math.max(0, Math.ceil((this.#health.nextLookMs - performance.now()) / 1000));
    return html`
      <main>
        <sill-kiosk-fault .fault=${this.#health.fault} reason=${this.#health.reason ?? ''} .seconds=${seconds} .progress=${this.#model?.progress}></sill-kiosk-fault>
      </main>
    `;
  }

  #pin(): TemplateResult {
    return html`
      <main class="pin">
        <sill-pin-entry
          ?needed=${this.#kiosk.value?.report?.hasPin ?? true}
          .unlock=${this.#unlock}
          @sill-cancel=${() => (this.asksPin = false)}
        ></sill-pin-entry>
      </main>
    `;
  }

  #footer(): TemplateResult {
    return html`
      <footer>
        <div class="row" role="group" aria-label=${msg('Language')}>
          ${LOCALES.map((locale) => html`<button class="plain" lang=${locale} aria-pressed=${locale === currentLocale()} @click=${() => chooseLocale(locale)}>${LANGUAGE_NAMES[locale]}</button>`)}
        </div>
        <button class="plain staff" aria-label=${msg('For staff')} title=${msg('For staff')} @click=${() => (this.asksPin = true)}>
          <wa-icon name="lock"></wa-icon>
        </button>
      </footer>
    `;
  }

  readonly #unlock = async (pin: string): Promise<void> => {
    await this.#kiosk.value?.unlock(pin);
    // The staff of a device that is in need finds the way to mend it.
    if (this.#health.fault) location.hash = '#/models';
    if (document.fullscreenElement) await document.exitFullscreen().catch(() => undefined);
  };

  #onEngine(): void {
    this.#health.look();
    if (this.visit.phase === 'wiping') void this.#wipe();
  }

  #deleteNow(event: Event): void {
    // It lies on what stays when it is touched.
    event.stopPropagation();
    this.#step({ type: 'again' });
  }

  #begin(): void {
    // Asked for where a touch allows it; one that is refused, or a device that has none, shows the same in less room.
    void document.documentElement.requestFullscreen?.({ navigationUI: 'hide' }).catch(() => undefined);
    this.#step({ type: 'touch' });
  }

  #step(event: VisitEvent): void {
    const { phase } = this.visit;
    const visit = nextVisit(this.visit, event, this.screen, performance.now());
    this.visit = visit;
    if (phase === 'attract' && visit.phase === 'here') this.#holdVisit();
    if (visit.phase === 'wiping' && phase !== 'wiping') {
      this.asksPin = false;
      void this.#wipe();
    }
    // The countdown.
    if (visit.phase === 'warning' || this.#health.fault) this.requestUpdate();
  }

  async #wipe(): Promise<void> {
    const sill = this.#sill.value;
    // It is called again as soon as there is an engine.
    if (!sill || this.#isWiping) return;
    this.#isWiping = true;
    try {
      // With its element goes what it was doing.
      await this.updateComplete;
      const pageBytes = this.#memory.take();
      const end = await sill.kiosk.endSession(pageBytes === undefined ? {} : { pageBytes });
      await this.#traces?.erase();
      await applyLocale(preferredLocale());
      this.#person += 1;
      this.#endVisit?.();
      this.visit = nextVisit(this.visit, { type: 'wiped' }, this.screen, performance.now());
      if (end.restart === 'page') location.reload();
      // Whoever restarted the model loads it before it is asked for.
      else if (end.restart === 'worker') this.#health.look();
    } catch {
      // What cannot be deleted keeps the next person out.
      this.#health.failed();
      setTimeout(() => void this.#wipe(), Math.max(1000, this.#health.nextLookMs - performance.now()));
    } finally {
      this.#isWiping = false;
    }
  }

  /** No new version of the app reloads the page under a person. */
  #holdVisit(): void {
    const gone = new Promise<void>((resolve) => {
      this.#endVisit = resolve;
    });
    void navigator.locks.request(VISIT_LOCK, { mode: 'shared' }, () => gone);
  }

  #onAnswer(event: CustomEvent<SillError | undefined>): void {
    const code = event.detail?.code;
    this.#health.answered(code !== undefined && isPersons(code) ? undefined : code);
  }

  async #look(): Promise<KioskView> {
    // What was set on the element before it was defined is its own only from the first update on.
    await this.updateComplete;
    return lookAtKiosk({ sill: this.#sill.value, shell: this.shell, screen: this.screen });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-kiosk': SillKiosk;
  }
}
