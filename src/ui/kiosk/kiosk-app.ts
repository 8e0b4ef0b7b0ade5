import './kiosk-fault.ts';
import { ContextConsumer, consume } from '@lit/context';
import { msg } from '@lit/localize';
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import type { SillError } from '../../core/errors.ts';
import { isPersons, type KioskView } from '../../core/kiosk/recovery.ts';
import type { KioskScreen, KioskTask } from '../../core/kiosk/rules.ts';
import { idleMsOf, type Visit, type VisitEvent } from '../../core/kiosk/visit.ts';
import type { SessionEnd } from '../../protocol/kiosk.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { activityContext, appContext, sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { applyLocale, preferredLocale } from '../locale.ts';
import { ModelsController } from '../models-controller.ts';
import { type AppShell, INITIAL_SHELL } from '../shell.ts';
import { shared } from '../styles/shared.ts';
import { kioskControls, kioskType } from './kiosk.styles.ts';
import { kioskAppStyles } from './kiosk-app.styles.ts';
import { KioskHealth } from './kiosk-health.ts';
import { attractScreen, iconOf, kioskFooter, stillThere, titleOf } from './kiosk-screens.ts';
import { taskWordsOf } from './kiosk-words.ts';
import { canDo, lookAtKiosk } from './look-at-kiosk.ts';
import { PageMemory } from './page-memory.ts';
import { quietPage } from './quiet-page.ts';
import { ReturnFocus } from './return-focus.ts';
import { StaffDoor } from './staff-door.ts';
import { TASK_ELEMENTS } from './task-elements.ts';
import { VisitsController } from './visits-controller.ts';
import { WakeLock } from './wake-lock.ts';

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
  @state() private isReady = false;
  @query('.stay') private stay!: HTMLElement | null;

  /** Since a person is there. */
  #held: KioskScreen | undefined;
  /** Theirs: a list that lacks it for a moment takes nothing away from them. */
  #modelId: string | undefined;
  #loaded: KioskTask | undefined;
  readonly #focus = new ReturnFocus();
  #isAsked = false;
  /** Of the model, as the list had it when it was last drawn. */
  #state: string | undefined;
  /** Said once: it reloads the page when nothing is under way in any tab. */
  #isUpdating = false;
  #unquiet: (() => void) | undefined;
  readonly #memory = new PageMemory();
  readonly #models = new ModelsController(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true, callback: () => this.#onEngine() });
  readonly #activity = new ContextConsumer(this, { context: activityContext });
  readonly #health: KioskHealth = new KioskHealth(this, () => this.#look());
  readonly #door = new StaffDoor(this, () => this.#health.fault);
  readonly #visits: VisitsController = new VisitsController(this, {
    pace: () => this.#shown,
    isBusy: () => this.#activity.value?.busy ?? false,
    health: () => this.#health,
    isFresh: () => this.fresh,
    endSession: () => this.#endSession(),
    onStep: (before, event) => this.#onStep(before, event),
    onWiped: async ({ restart }) => {
      await applyLocale(preferredLocale());
      if (restart === 'page') location.reload();
      return restart === 'page';
    },
    onReady: ({ restart }) => this.#letGo(restart === 'worker'),
  });

  constructor() {
    super();
    new WakeLock(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // Elsewhere a touch is a button's: one that is taken away under the finger is never pressed.
    this.#unquiet = quietPage(() => {
      this.#door.touched();
      if (this.#visits.phase === 'here') this.#visits.step({ type: 'touch' });
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unquiet?.();
  }

  protected override willUpdate(): void {
    if (this.#visits.phase === 'warning' && !this.#isAsked) this.#focus.keep(this.renderRoot);
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
    if (changed.has('held')) void this.#visits.wipe();
    const isAsked = this.#visits.phase === 'warning';
    // Once: who goes on from one button to the other with a keyboard is let go.
    if (isAsked && !this.#isAsked) this.stay?.focus();
    else if (this.#isAsked && this.#visits.phase === 'here') this.#focus.giveBack();
    this.#isAsked = isAsked;
    // Words of a fault that is over, or has become another one, wait for no clock.
    const state = this.#model?.state;
    if (this.#health.fault && (state !== this.#state || changed.has('screen'))) this.#health.look();
    this.#state = state;
    // Nobody is there, and nothing is under way.
    if (this.shell.updateWaiting && this.#visits.phase === 'attract' && !this.#activity.value?.busy && !this.#isUpdating) {
      this.#isUpdating = true;
      this.shell.applyUpdate();
    }
  }

  get #shown(): KioskScreen {
    return this.#held ?? this.screen;
  }

  /** Nobody was there yet, or is. */
  get #isBetween(): boolean {
    return this.#visits.phase === 'attract' || (this.#visits.phase === 'wiping' && this.#visits.ended === 0);
  }

  get #model(): ModelSummary | undefined {
    const { model, task } = this.#shown;
    return this.#models.store?.list?.models.find((each) =>
      model === undefined ? each.state === 'installed' && canDo(each, task) : each.id === model,
    );
  }

  override render() {
    const { phase } = this.#visits;
    const cover = this.#door.asks ? this.#door.render() : this.#health.fault ? this.#fault() : undefined;
    const begin = phase === 'attract' ? this.#begin : undefined;
    const invites = this.#isBetween && !cover;
    return html`
      <div class=${invites ? 'frame invites' : 'frame'} data-phase=${phase} ?inert=${phase === 'warning' && !this.#door.asks}>
        ${cover ?? nothing}
        ${this.#isBetween ? (cover ? nothing : attractScreen(this.#shown, begin)) : this.#task(cover !== undefined)}
        ${kioskFooter(this.#door.ask)}
      </div>
      ${phase === 'warning' && !this.#door.asks ? stillThere(this.#visits.leftMs, this.#stayHere, this.#deleteNow) : nothing}
    `;
  }

  /** @param isCovered by a fault or by what is the staff's: what was written stays below it, for when that is over */
  #task(isCovered: boolean): TemplateResult {
    const [sill, activity] = [this.#sill.value, this.#activity.value];
    this.#modelId = this.#model?.id ?? this.#modelId;
    const model = this.#modelId;
    const isWiping = this.#visits.phase === 'wiping';
    return html`
      <main class="task" aria-busy=${isWiping} ?hidden=${isCovered}>
        <header>
          <wa-icon name=${iconOf(this.#shown)}></wa-icon>
          <h1>${titleOf(this.#shown)}</h1>
          <p>${taskWordsOf(this.#shown.task).invitation}</p>
          <button class="again" @click=${() => this.#visits.step({ type: 'again' })}><wa-icon name="undo"></wa-icon>${msg('Start again')}</button>
        </header>
        <div class="desk" @sill-kiosk-answer=${this.#onAnswer}>
          ${
            isWiping || !sill || !activity || !model || !this.isReady
              ? html`<p role="status">${isWiping ? msg('Deleting what was written…') : msg('Starting…')}</p>`
              : keyed(this.#visits.ended, TASK_ELEMENTS[this.#shown.task].render({ sill, activity, screen: this.#shown, model }))
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
    void this.#visits.wipe();
  }

  readonly #stayHere = (): void => this.#visits.step({ type: 'touch' });

  readonly #deleteNow = (event: Event): void => {
    // It lies on what stays when it is touched.
    event.stopPropagation();
    this.#visits.step({ type: 'again' });
  };

  readonly #begin = (): void => {
    // Asked for where a touch allows it; one that is refused, or a device that has none, shows the same in less room.
    void document.documentElement.requestFullscreen?.({ navigationUI: 'hide' }).catch(() => undefined);
    this.#visits.step({ type: 'touch' });
  };

  #onStep(before: Visit['phase'], { type }: VisitEvent): void {
    const { phase } = this.#visits;
    if (before === 'attract' && phase === 'here') this.#held = this.screen;
    if (before !== 'wiping' && phase === 'wiping') this.#door.close();
    if (type === 'tick' && phase === 'attract') this.#door.closeAfter(idleMsOf(this.#shown));
  }

  /** Only where the engine holds the device to it. */
  #endSession(): (() => Promise<SessionEnd>) | undefined {
    const sill = this.#sill.value;
    if (!sill || !this.held) return undefined;
    return () => {
      const pageBytes = this.#memory.take();
      return sill.kiosk.endSession(pageBytes === undefined ? {} : { pageBytes });
    };
  }

  /** The next person finds what the device is for now. @param isRestarted the model: whoever did so loads it before it is asked for */
  #letGo(isRestarted: boolean): void {
    const wasOther = this.#held !== undefined && this.#held !== this.screen;
    this.#held = undefined;
    this.#modelId = undefined;
    if (wasOther || isRestarted) this.#health.look();
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
