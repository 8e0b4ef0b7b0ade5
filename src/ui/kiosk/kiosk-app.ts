import './kiosk-fault.ts';
import { ContextConsumer, consume } from '@lit/context';
import { msg } from '@lit/localize';
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { type SillError, toSillError } from '../../core/errors.ts';
import { isPersons, type KioskView } from '../../core/kiosk/recovery.ts';
import type { KioskScreen, KioskTask } from '../../core/kiosk/rules.ts';
import { idleMsOf, nextVisit, type Visit, type VisitEvent, visitLeftMs } from '../../core/kiosk/visit.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { activityContext, appContext, sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { applyLocale, preferredLocale } from '../locale.ts';
import { ModelsController } from '../models-controller.ts';
import { type AppShell, INITIAL_SHELL } from '../shell.ts';
import { shared } from '../styles/shared.ts';
import { holdVisit } from './hold-visit.ts';
import { kioskControls, kioskType } from './kiosk.styles.ts';
import { kioskAppStyles } from './kiosk-app.styles.ts';
import { KioskHealth } from './kiosk-health.ts';
import { attractScreen, iconOf, kioskFooter, stillThere, titleOf } from './kiosk-screens.ts';
import { taskWordsOf } from './kiosk-words.ts';
import { canDo, lookAtKiosk } from './look-at-kiosk.ts';
import { PageMemory } from './page-memory.ts';
import { watchPageTraces } from './page-traces.ts';
import { quietPage } from './quiet-page.ts';
import { ReturnFocus } from './return-focus.ts';
import { StaffDoor } from './staff-door.ts';
import { TASK_ELEMENTS } from './task-elements.ts';
import { WakeLock } from './wake-lock.ts';

/** Finer than a person reads a countdown. */
const TICK_MS = 500;

/** A device with one task, for one person after the other: nothing of the last one is left for the next. */
@customElement('sill-kiosk')
export class SillKiosk extends SillElement {
  static override styles = [shared, kioskType, kioskControls, kioskAppStyles];

  /** What it is for now; a person who is there is let finish what it was for when they came. */
  @property({ attribute: false }) screen!: KioskScreen;
  /** The engine holds the device to it. An address that only asks deletes nothing of whoever opened it. */
  @property({ type: Boolean }) held = false;
  /** It was locked just now, by whoever was here: theirs is not to be deleted. */
  @property({ type: Boolean }) fresh = false;
  @consume({ context: appContext, subscribe: true }) @state() private shell: AppShell = INITIAL_SHELL;
  /** A page that was loaded under somebody, or crashed: what they left is found by nobody. */
  @state() private visit: Visit = { phase: 'wiping' };
  @state() private isReady = false;
  @query('.stay') private stay!: HTMLElement | null;

  /** Of the persons since the page was loaded: each has elements of their own. */
  #person = 0;
  #isWiping = false;
  /** Since a person is there. */
  #held: KioskScreen | undefined;
  /** Theirs: a list that lacks it for a moment takes nothing away from them. */
  #modelId: string | undefined;
  #loaded: KioskTask | undefined;
  readonly #focus = new ReturnFocus();
  #isAsked = false;
  /** Of the model, as the list had it when it was last drawn. */
  #state: string | undefined;
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
  readonly #health: KioskHealth = new KioskHealth(this, () => this.#look());
  readonly #door = new StaffDoor(this, () => this.#health.fault);

  constructor() {
    super();
    new WakeLock(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#traces = watchPageTraces();
    // Elsewhere a touch is a button's: one that is taken away under the finger is never pressed.
    this.#unquiet = quietPage(() => {
      this.#door.touched();
      if (this.visit.phase === 'here') this.#step({ type: 'touch' });
    });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    void this.#wipe();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    this.#unquiet?.();
    this.#traces?.end();
    this.#endVisit?.();
  }

  protected override willUpdate(): void {
    if (this.visit.phase === 'warning' && !this.#isAsked) this.#focus.keep(this.renderRoot);
    const { task } = this.#shown;
    if (task !== this.#loaded) {
      this.#loaded = task;
      this.isReady = false;
      void TASK_ELEMENTS[task].load().then(
        () => {
          if (this.#loaded === task) this.isReady = true;
        },
        () => {
          // Cut off on its way: it is tried again when somebody is there.
          this.#loaded = undefined;
        },
      );
    }
    document.title = titleOf(this.#shown);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('held') && this.visit.phase === 'wiping') void this.#wipe();
    const isAsked = this.visit.phase === 'warning';
    // Once: who goes on from one button to the other with a keyboard is let go.
    if (isAsked && !this.#isAsked) this.stay?.focus();
    else if (this.#isAsked && this.visit.phase === 'here') this.#focus.giveBack();
    this.#isAsked = isAsked;
    // Words of a fault that is over, or has become another one, wait for no clock.
    const state = this.#model?.state;
    if (this.#health.fault && (state !== this.#state || changed.has('screen'))) this.#health.look();
    this.#state = state;
    // Nobody is there, and nothing is under way.
    if (this.shell.updateWaiting && this.visit.phase === 'attract' && !this.#activity.value?.busy && !this.#isUpdating) {
      this.#isUpdating = true;
      this.shell.applyUpdate();
    }
  }

  get #shown(): KioskScreen {
    return this.#held ?? this.screen;
  }

  /** Nobody was there yet, or is. */
  get #isBetween(): boolean {
    return this.visit.phase === 'attract' || (this.visit.phase === 'wiping' && this.#person === 0);
  }

  get #model(): ModelSummary | undefined {
    const { model, task } = this.#shown;
    return this.#models.store?.list?.models.find((each) =>
      model === undefined ? each.state === 'installed' && canDo(each, task) : each.id === model,
    );
  }

  override render() {
    const { phase } = this.visit;
    const cover = this.#door.asks ? this.#door.render() : this.#health.fault ? this.#fault() : undefined;
    const begin = phase === 'attract' ? this.#begin : undefined;
    const invites = this.#isBetween && !cover;
    return html`
      <div class=${invites ? 'frame invites' : 'frame'} data-phase=${phase} ?inert=${phase === 'warning' && !this.#door.asks}>
        ${cover ?? nothing}
        ${this.#isBetween ? (cover ? nothing : attractScreen(this.#shown, begin)) : this.#task(cover !== undefined)}
        ${kioskFooter(this.#door.ask)}
      </div>
      ${phase === 'warning' && !this.#door.asks ? stillThere(visitLeftMs(this.visit, this.#shown, performance.now()) ?? 0, this.#stayHere, this.#deleteNow) : nothing}
    `;
  }

  /** @param isCovered by a fault or by what is the staff's: what was written stays below it, for when that is over */
  #task(isCovered: boolean): TemplateResult {
    const [sill, activity] = [this.#sill.value, this.#activity.value];
    this.#modelId = this.#model?.id ?? this.#modelId;
    const model = this.#modelId;
    const isWiping = this.visit.phase === 'wiping';
    return html`
      <main class="task" aria-busy=${isWiping} ?hidden=${isCovered}>
        <header>
          <wa-icon name=${iconOf(this.#shown)}></wa-icon>
          <h1>${titleOf(this.#shown)}</h1>
          <p>${taskWordsOf(this.#shown.task).invitation}</p>
          <button class="again" @click=${() => this.#step({ type: 'again' })}><wa-icon name="undo"></wa-icon>${msg('Start again')}</button>
        </header>
        <div class="desk" @sill-kiosk-answer=${this.#onAnswer}>
          ${
            isWiping || !sill || !activity || !model || !this.isReady
              ? html`<p role="status">${isWiping ? msg('Deleting what was written…') : msg('Starting…')}</p>`
              : keyed(this.#person, TASK_ELEMENTS[this.#shown.task].render({ sill, activity, screen: this.#shown, model }))
          }
        </div>
      </main>
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

  #onEngine(): void {
    this.#health.look();
    if (this.visit.phase === 'wiping') void this.#wipe();
  }

  readonly #stayHere = (): void => this.#step({ type: 'touch' });

  readonly #deleteNow = (event: Event): void => {
    // It lies on what stays when it is touched.
    event.stopPropagation();
    this.#step({ type: 'again' });
  };

  readonly #begin = (): void => {
    // Asked for where a touch allows it; one that is refused, or a device that has none, shows the same in less room.
    void document.documentElement.requestFullscreen?.({ navigationUI: 'hide' }).catch(() => undefined);
    this.#step({ type: 'touch' });
  };

  #tick(): void {
    this.#step({ type: 'tick', busy: this.#activity.value?.busy ?? false });
    if (this.visit.phase === 'attract') this.#door.closeAfter(idleMsOf(this.#shown));
  }

  #step(event: VisitEvent): void {
    const { phase } = this.visit;
    const visit = nextVisit(this.visit, event, this.#shown, performance.now());
    this.visit = visit;
    if (phase === 'attract' && visit.phase === 'here') this.#holdVisit();
    if (visit.phase === 'wiping' && phase !== 'wiping') {
      this.#door.close();
      void this.#wipe();
    }
    // The countdown.
    if (visit.phase === 'warning' || this.#health.fault) this.requestUpdate();
  }

  async #wipe(): Promise<void> {
    const sill = this.#sill.value;
    // It is called again as soon as there is an engine, and it holds the device.
    if (!sill || !this.held || this.#isWiping) return;
    this.#isWiping = true;
    try {
      // With its element goes what it was doing.
      await this.updateComplete;
      const pageBytes = this.#memory.take();
      const end = await sill.kiosk.endSession(pageBytes === undefined ? {} : { pageBytes });
      await this.#traces?.erase({ clipboard: !this.fresh || this.#person > 0 });
      await applyLocale(preferredLocale());
      this.#health.deleted();
      // Nobody is invited to a page that goes away under them.
      if (end.restart === 'page') return location.reload();
      this.#letGo();
      // Whoever restarted the model loads it before it is asked for.
      if (end.restart === 'worker') this.#health.look();
    } catch (reason) {
      // What cannot be deleted keeps the next person out.
      this.#health.failed(toSillError(reason).code, () => void this.#wipe());
    } finally {
      this.#isWiping = false;
    }
  }

  /** The next person finds what the device is for now. */
  #letGo(): void {
    const wasOther = this.#held !== undefined && this.#held !== this.screen;
    this.#held = undefined;
    this.#modelId = undefined;
    this.#person += 1;
    this.#endVisit?.();
    this.visit = nextVisit(this.visit, { type: 'wiped' }, this.screen, performance.now());
    if (wasOther) this.#health.look();
  }

  #holdVisit(): void {
    this.#held = this.screen;
    this.#endVisit = holdVisit();
  }

  #onAnswer(event: CustomEvent<SillError | undefined>): void {
    const code = event.detail?.code;
    this.#health.answered(code !== undefined && isPersons(code) ? undefined : code);
  }

  async #look(): Promise<KioskView> {
    // What was set on the element before it was defined is its own only from the first update on.
    await this.updateComplete;
    return lookAtKiosk({ sill: this.#sill.value, shell: this.shell, screen: this.#shown });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-kiosk': SillKiosk;
  }
}
