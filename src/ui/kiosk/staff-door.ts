import './pin-entry.ts';
import { ContextConsumer } from '@lit/context';
import { html, type LitElement, type TemplateResult } from 'lit';
import type { FaultCode } from '../../core/kiosk/recovery.ts';
import { kioskContext } from '../context.ts';
import type { KioskStore } from '../kiosk-store.ts';

/** The way of the staff into a locked device: whoever presses the lock in the footer is asked for the PIN. */
export class StaffDoor {
  readonly #host: LitElement;
  readonly #fault: () => FaultCode | undefined;
  readonly #kiosk: ContextConsumer<{ __context__: KioskStore }, LitElement>;
  #asks = false;
  #touchedAtMs = 0;

  /** @param fault of the device, which the staff comes to mend */
  constructor(host: LitElement, fault: () => FaultCode | undefined) {
    this.#host = host;
    this.#fault = fault;
    this.#kiosk = new ContextConsumer(host, { context: kioskContext });
  }

  get asks(): boolean {
    return this.#asks;
  }

  readonly ask = (): void => {
    this.touched();
    // Whoever comes back to it after wrong ones reads how long it takes.
    void this.#kiosk.value?.refresh().then(() => this.#host.requestUpdate());
    this.#become(true);
  };

  close(): void {
    this.#become(false);
  }

  /** Somebody is there. */
  touched(): void {
    this.#touchedAtMs = performance.now();
  }

  /** Whoever pressed the lock and went away leaves a device that invites. */
  closeAfter(idleMs: number): void {
    if (this.#asks && performance.now() - this.#touchedAtMs > idleMs) this.close();
  }

  render(): TemplateResult {
    return html`
      <main class="pin">
        <sill-pin-entry
          ?needed=${this.#kiosk.value?.report?.hasPin ?? true}
          .retryAfterMs=${this.#kiosk.value?.report?.retryAfterMs ?? 0}
          .unlock=${this.#unlock}
          @sill-cancel=${this.#forget}
        ></sill-pin-entry>
      </main>
    `;
  }

  readonly #unlock = async (pin: string): Promise<void> => {
    await this.#kiosk.value?.unlock(pin);
    // The staff of a device that is in need finds the way to mend it.
    if (this.#fault()) location.hash = this.#fault() === 'D1' ? '#/search' : '#/models';
    if (document.fullscreenElement) await document.exitFullscreen().catch(() => undefined);
  };

  readonly #forget = (): void => {
    this.close();
    this.#host.renderRoot.querySelector<HTMLElement>('.staff')?.focus({ preventScroll: true });
  };

  #become(asks: boolean): void {
    if (asks === this.#asks) return;
    this.#asks = asks;
    this.#host.requestUpdate();
  }
}
