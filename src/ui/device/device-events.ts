import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { DeviceEvent } from '../../protocol/engineReports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { errorWords } from '../errors.ts';
import { formatBytes, formatDate } from '../format.ts';
import { sectionTitle } from '../section-words.ts';
import { shared } from '../styles/shared.ts';
import { fallbackWords, placeWords } from '../words.ts';

/** As many as one looks through. */
const SHOWN = 20;

/** What went wrong while models ran on this device, and what came of it. Shows nothing while nothing did. */
@customElement('sill-device-events')
export class SillDeviceEvents extends SillElement {
  static override styles = [
    shared,
    css`
      :host([hidden]) {
        display: none;
      }
      ol {
        list-style: none;
        margin: var(--sill-space-12) 0 0;
        padding: 0;
        display: grid;
        gap: var(--sill-space-12);
      }
    `,
  ];

  @state() private events: readonly DeviceEvent[] = [];
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  #stop: (() => void) | undefined;
  override hidden = true;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.#sill.value?.watch((event) => {
      if (event.type === 'events') void this.#read();
    });
    void this.#read();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  override render() {
    return html`
      <section class="card" aria-label=${sectionTitle('device', 'events')}>
        <h2>${sectionTitle('device', 'events')}</h2>
        <ol>
          ${[...this.events]
            .reverse()
            .slice(0, SHOWN)
            .map(
              (event) =>
                html`<li><span class="quiet small figures">${formatDate(event.atMs)}${event.type === 'restart' ? nothing : html` · <code>${event.model}</code>`}</span><br />${eventWords(event)}</li>`,
            )}
        </ol>
      </section>
    `;
  }

  async #read(): Promise<void> {
    // Where storage is refused nothing was written down, and the view says why.
    this.events = (await this.#sill.value?.events.list().catch(() => [])) ?? [];
    this.hidden = this.events.length === 0;
  }
}

function eventWords(event: DeviceEvent): string {
  if (event.type === 'restart') {
    const [bytes, base] = [formatBytes(event.bytes), formatBytes(event.baseBytes)];
    return event.what === 'page'
      ? msg(str`After session ${event.sessions} the page was loaded anew: it took ${bytes}, and ${base} after the tenth session.`)
      : msg(str`After session ${event.sessions} the models were restarted: they took ${bytes}, and ${base} after the tenth session.`);
  }
  if (event.type === 'fallback') {
    return msg(str`It runs on: ${placeWords(event.form)}. ${fallbackWords(event.fallback)}`);
  }
  return msg(str`${errorWords(event.error).title}. It ran on: ${placeWords(event.form)}.`);
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-device-events': SillDeviceEvents;
  }
}
