import './kiosk-fault.ts';
import '../device/kiosk-lock.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer, consume } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { NOTHING_SEEN } from '../../core/kiosk/recovery.ts';
import type { KioskScreen } from '../../core/kiosk/rules.ts';
import type { Activity } from '../activity.ts';
import { activityContext, sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';
import { KioskHealth } from './kiosk-health.ts';
import { startAddress } from './start-address.ts';
import { VisitsController } from './visits-controller.ts';

/** Other tabs hear of a person at most this often: finer than any time without a touch. */
const TELL_MS = 1000;
const TOUCHES = ['pointerdown', 'keydown', 'input', 'wheel', 'touchmove'] as const;
/** By which the tabs of a device know that somebody is at one of them. */
const CHANNEL = 'sill-visit';

/**
 * Persons at a locked device that keeps its views, one after the other. Nothing of it is seen but the warning before the end of a visit, and that
 * what was left is being deleted; then the page is loaded anew, where it begins.
 *
 * @fires sill-clean once nothing is left of whoever was here before this page began
 */
@customElement('sill-view-visits')
export class SillViewVisits extends SillElement {
  static override styles = [
    shared,
    css`
      dialog {
        max-width: 34rem;
        max-height: 100%;
        padding: var(--sill-space-24);
        border-radius: var(--sill-radius);
        border: 1px solid var(--wa-color-surface-border);
        background: var(--wa-color-surface-raised);
        color: var(--wa-color-text-normal);
        overflow: auto;
      }
      dialog::backdrop {
        background: var(--wa-color-overlay-modal);
      }
      .ask {
        display: grid;
        gap: var(--sill-space-16);
      }
      .ask .row {
        justify-content: flex-end;
      }
      @media (max-width: 30rem) {
        .ask .row > * {
          flex: 1 1 auto;
        }
      }
    `,
  ];

  /** How long nobody has to touch anything. */
  @property({ attribute: false }) pace: Pick<KioskScreen, 'idleSeconds'> = {};
  /** It was locked just now, by whoever was here: what is in the clipboard is theirs. */
  @property({ type: Boolean }) fresh = false;
  /** The views hold what the staff did, and what the person before them left. */
  @property({ type: Boolean, attribute: 'after-staff' }) afterStaff = false;
  @consume({ context: activityContext }) private activity: Activity | undefined;
  @query('dialog') private dialog!: HTMLDialogElement | null;

  #toldAtMs = 0;
  #listening: AbortController | undefined;
  #tabs: BroadcastChannel | undefined;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true, callback: () => void this.#visits.wipe() });
  /** Views say themselves what they lack: here it is about what cannot be deleted. */
  readonly #health = new KioskHealth(this, async () => ({ ...NOTHING_SEEN, installed: true }));
  readonly #visits: VisitsController = new VisitsController(this, {
    pace: () => this.pace,
    isBusy: () => this.activity?.busy ?? false,
    health: () => this.#health,
    isFresh: () => this.fresh,
    lasting: true,
    endSession: () => {
      const kiosk = this.#sill.value?.kiosk;
      return kiosk && (() => kiosk.endSession());
    },
    onStep: (before) => {
      if (before === 'warning' && this.#visits.phase === 'here') this.#tabs?.postMessage('touch');
    },
    onWiped: () => {
      // Whoever was here before the page began left nothing in it.
      const leaves = this.afterStaff || this.#visits.ended > 0;
      if (leaves) this.#beginAnew();
      return leaves;
    },
    onReady: () => this.emit('sill-clean'),
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    for (const type of TOUCHES) addEventListener(type, this.#onTouch, { signal, capture: true, passive: true });
    this.#tabs = new BroadcastChannel(CHANNEL);
    this.#tabs.onmessage = () => {
      if (this.#visits.phase !== 'attract') this.#visits.step({ type: 'touch' });
    };
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening?.abort();
    this.#tabs?.close();
  }

  protected override updated(): void {
    const { dialog } = this;
    const { phase, ended } = this.#visits;
    const covers = this.#health.fault !== undefined || phase === 'warning' || (phase === 'wiping' && ended > 0);
    if (covers && dialog && !dialog.open) {
      // In the top layer: everything else is out of reach.
      dialog.showModal();
      const stay = dialog.querySelector<HTMLElementTagNameMap['wa-button']>('.stay');
      // It was made with what is shown now, and is drawn after it.
      void stay?.updateComplete.then(() => stay.focus());
    }
    // What was focused before is so again.
    if (!covers && dialog?.open) dialog.close();
  }

  override render() {
    return html`
      <dialog role="alertdialog" aria-labelledby="title" @cancel=${this.#onCancel} @click=${this.#onBackdrop}>
        ${this.#health.fault ? this.#fault() : this.#words()}
      </dialog>
    `;
  }

  #words(): TemplateResult | typeof nothing {
    if (this.#visits.phase === 'warning') {
      return html`
        <div class="ask">
          <h2 id="title">${msg('Are you still there?')}</h2>
          <p>${msg(str`Everything that was written here is deleted in ${Math.ceil(this.#visits.leftMs / 1000)} s, for the next person.`)}</p>
          <div class="row">
            <wa-button appearance="outlined" @click=${() => this.#visits.step({ type: 'again' })}>${msg('Delete it now')}</wa-button>
            <wa-button class="stay" variant="brand" @click=${this.#stay}>${msg('I am still here')}</wa-button>
          </div>
        </div>
      `;
    }
    if (this.#visits.phase !== 'wiping') return nothing;
    return html`<p id="title" role="status">${msg('Deleting what was written…')}</p>`;
  }

  #fault(): TemplateResult {
    const seconds = Math.max(0, Math.ceil((this.#health.nextLookMs - performance.now()) / 1000));
    return html`
      <div class="ask" id="title">
        <sill-kiosk-fault .fault=${this.#health.fault} reason=${this.#health.reason ?? ''} .seconds=${seconds}></sill-kiosk-fault>
        <sill-kiosk-lock></sill-kiosk-lock>
      </div>
    `;
  }

  readonly #stay = (): void => this.#visits.step({ type: 'touch' });

  readonly #onCancel = (event: Event): void => {
    event.preventDefault();
    if (this.#visits.phase === 'warning') this.#stay();
  };

  /** Its surface is covered by what it says: what is left of it lies around. */
  readonly #onBackdrop = (event: Event): void => {
    if (event.target === this.dialog && this.#visits.phase === 'warning') this.#stay();
  };

  readonly #onTouch = (): void => {
    // In the warning a touch is a button's: one that is taken away under the finger is never pressed.
    if (this.#visits.phase !== 'here' && this.#visits.phase !== 'attract') return;
    this.#visits.step({ type: 'touch' });
    const nowMs = performance.now();
    if (nowMs - this.#toldAtMs < TELL_MS) return;
    this.#toldAtMs = nowMs;
    this.#tabs?.postMessage('touch');
  };

  /** With the page goes all that its views hold. Nobody waits for it: whoever comes next finds it begun. */
  #beginAnew(): void {
    history.replaceState(null, '', startAddress());
    location.reload();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-view-visits': SillViewVisits;
  }
}
