import './policy-pin.ts';
import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { type SillError, toSillError } from '../../core/errors.ts';
import { MIN_PIN_CHARS } from '../../core/kiosk/pin.ts';
import { DEFAULT_IDLE_SECONDS, KIOSK_TASKS, type KioskTask, type KioskWish } from '../../core/kiosk/rules.ts';
import type { KioskReport } from '../../protocol/kiosk.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { accountName, submitByEnter } from '../elements/account-name.ts';
import { formatSpan } from '../format.ts';
import { canDo } from '../kiosk/look-at-kiosk.ts';
import { PinTrying } from '../kiosk/pin-trying.ts';
import { KioskController } from '../kiosk-controller.ts';
import { ModelsController } from '../models-controller.ts';
import { sectionTitle } from '../section-words.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';

/** Makes the device one of a single task, or opens one that was locked without a screen of its own. */
@customElement('sill-kiosk-lock')
export class SillKioskLock extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      form {
        display: grid;
        gap: var(--sill-space-12);
        margin-top: var(--sill-space-12);
        grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr));
        align-items: end;
      }
      form > .wide {
        grid-column: 1 / -1;
      }
    `,
  ];

  @state() private task: KioskTask = 'chat';
  @state() private error: SillError | undefined;
  @state() private working = false;
  readonly #kiosk = new KioskController(this);
  readonly #models = new ModelsController(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #trying = new PinTrying(this);
  #heard: KioskReport | undefined;

  protected override firstUpdated(): void {
    // Whoever comes back after wrong ones reads how long it takes by now.
    void this.#kiosk.store?.refresh();
  }

  protected override willUpdate(): void {
    const { report } = this.#kiosk.store ?? {};
    if (!report || report === this.#heard) return;
    this.#heard = report;
    this.#trying.wait(report.retryAfterMs);
  }

  override render() {
    const { store, locked } = this.#kiosk;
    return html`
      <section class="card" aria-label=${sectionTitle('device', 'kiosk')}>
        <h2>${sectionTitle('device', 'kiosk')}</h2>
        ${locked ? this.#locked(store?.report?.hasPin ?? false) : this.#open()}
        ${this.error ? html`<sill-error .error=${this.error}></sill-error>` : nothing}
      </section>
    `;
  }

  #locked(hasPin: boolean) {
    const { waitSeconds: wait, checking, problem } = this.#trying;
    return html`
      <p>${msg('This device is locked: what changes something on it is for its staff.')}</p>
      ${
        hasPin
          ? html`<form @submit=${this.#onUnlock} @keydown=${submitByEnter}>
              ${accountName()}
              <label class="field">${msg('PIN')}<input type="password" name="pin" autocomplete="off" required /></label>
              ${problem ? html`<p class="wide" role="alert">${problem}</p>` : nothing}
              <div>
                <wa-button size="s" type="submit" ?loading=${checking} ?disabled=${wait > 0} @click=${this.#submit}>
                  ${wait > 0 ? msg(str`Wait ${formatSpan(wait)}`) : msg('Unlock')}
                </wa-button>
              </div>
            </form>`
          : html`<p class="quiet small">${msg('The operator of this site locked this device without a PIN: sill.policy.json alone opens it.')}</p>`
      }
    `;
  }

  #open() {
    const models = this.#models.store?.list?.models.filter((model) => model.state === 'installed' && canDo(model, this.task)) ?? [];
    return html`
      <p class="quiet">
        ${msg('One task on the whole screen, for one person after the other. What a person wrote is deleted after them. Only the PIN leads out.')}
      </p>
      <form @submit=${this.#onLock}>
        ${accountName()}
        <label class="field">
          ${msg('Task')}
          <select name="task" @change=${this.#onTask}>
            ${KIOSK_TASKS.map((task) => html`<option value=${task} .selected=${live(task === this.task)}>${taskName(task)}</option>`)}
          </select>
        </label>
        <label class="field">
          ${msg('Model')}
          <select name="model" required>
            ${models.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
          </select>
        </label>
        <label class="field">
          ${msg('Seconds without a touch, until all is deleted')}
          <input type="number" name="idle" min="15" max="3600" step="1" value=${DEFAULT_IDLE_SECONDS} required />
        </label>
        <label class="field">
          ${msg('PIN')}
          <input type="password" name="pin" autocomplete="new-password" minlength=${MIN_PIN_CHARS} maxlength="64" required />
        </label>
        <label class="field">
          ${msg('PIN again')}
          <input type="password" name="again" autocomplete="new-password" minlength=${MIN_PIN_CHARS} maxlength="64" required />
        </label>
        <label class="field wide">${msg('Title, if not the usual one')}<input type="text" name="title" maxlength="80" /></label>
        ${this.task === 'chat' ? html`<label class="field wide">${msg('Instructions that each chat begins with, unseen')}<input type="text" name="instructions" maxlength="20000" /></label>` : nothing}
        ${models.length === 0 ? html`<p class="wide small" role="status">${msg('No installed model can do this. Install one, or choose another task.')}</p>` : nothing}
        <p class="wide small quiet">${msg('A PIN that is forgotten can only be replaced by the operator of this site: see “Operating Sill”.')}</p>
        <div class="wide">
          <wa-button size="s" variant="brand" type="submit" ?disabled=${models.length === 0} ?loading=${this.working} @click=${this.#submit}>
            ${msg('Lock this device')}
          </wa-button>
        </div>
      </form>
      <sill-policy-pin></sill-policy-pin>
    `;
  }

  /** The component's own submit does not reach a native form in another root. */
  #submit(event: Event): void {
    event.preventDefault();
    this.renderRoot.querySelector('form')?.requestSubmit();
  }

  #onTask(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.task = KIOSK_TASKS.find((task) => task === value) ?? 'chat';
  }

  #onLock(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const typed = (name: string): string => String(data.get(name) ?? '');
    const text = (name: string): string => typed(name).trim();
    const again = form.elements.namedItem('again');
    if (!(again instanceof HTMLInputElement)) return;
    again.setCustomValidity(typed('pin') === typed('again') ? '' : msg('The two are not the same.'));
    const isValid = form.reportValidity();
    again.setCustomValidity('');
    if (!isValid) return;
    const screen: KioskWish = {
      ...{ task: this.task, model: text('model'), idleSeconds: Number(text('idle')) },
      ...(text('title') ? { title: text('title') } : {}),
      ...(text('instructions') ? { instructions: text('instructions') } : {}),
    };
    void this.#try(() => this.#sill.value?.kiosk.lock({ screen, pin: typed('pin') }));
  }

  #onUnlock(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const pin = String(new FormData(form).get('pin') ?? '');
    void this.#trying.try(async () => {
      form.reset();
      await this.#kiosk.store?.unlock(pin);
    });
  }

  async #try(work: () => Promise<unknown> | undefined): Promise<void> {
    this.error = undefined;
    this.working = true;
    try {
      await work();
    } catch (reason) {
      this.error = toSillError(reason);
    } finally {
      this.working = false;
    }
  }
}

const taskName = (task: KioskTask): string =>
  ({
    chat: () => msg('Chat'),
    write: () => msg('Write'),
    search: () => msg('Search'),
    transcribe: () => msg('Transcribe'),
    run: () => msg('Run'),
  })[task]();

declare global {
  interface HTMLElementTagNameMap {
    'sill-kiosk-lock': SillKioskLock;
  }
}
