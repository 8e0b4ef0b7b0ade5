import '../elements/error-note.ts';
import './device-events.ts';
import './engine-place.ts';
import './kiosk-lock.ts';
import './memory-use.ts';
import './request-list.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/copy-button/copy-button.js';
import { ContextConsumer } from '@lit/context';
import { msg } from '@lit/localize';
import { Task } from '@lit/task';
import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { toSillError } from '../../core/errors.ts';
import type { DeviceReport, OperatorReport } from '../../protocol/engineReports.ts';
import type { StorageReport } from '../../protocol/storageReports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { isDecided, operatorNote } from '../elements/operator-note.ts';
import { formatNumber } from '../format.ts';
import { SectionLink } from '../section-link.ts';
import { sectionTitle } from '../section-words.ts';
import { facts } from '../styles/facts.ts';
import { fields } from '../styles/fields.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';
import { type DeviceRow, type DeviceSection, deviceSections } from './device-rows.ts';
import { deviceViewStyles } from './device-view.styles.ts';

const STATE_ICONS = { good: 'ok', limited: 'warning', missing: 'error', plain: 'info' } as const;

/** What this browser on this device can do, what that means, and what can be done about it. */
@customElement('sill-device-view')
export class SillDeviceView extends SillElement {
  static override styles = [shared, facts, fields, viewStyles, deviceViewStyles];

  @state() private refused = false;
  /** A test was asked for: it takes a moment. */
  @state() private testing = false;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #report = new Task(this, {
    task: async ([sill]) => {
      if (!sill) return undefined;
      // Where storage is refused the device's own report says so, and the rest of it is worth showing all the more.
      const [device, storage, operator] = await Promise.all([
        sill.device(this.testing ? { test: true } : { refresh: true }),
        sill.storage().catch(() => undefined),
        sill.operator().catch(() => undefined),
      ]);
      return { device, storage, operator };
    },
    args: () => [this.#sill.value] as const,
  });

  constructor() {
    super();
    new SectionLink(this, 'device');
  }

  override render() {
    return html`
      ${viewHead('device')}
      ${this.#report.render({
        pending: () => html`
          <p class="quiet" role="status">${this.testing ? msg('Testing the graphics processor…') : msg('Looking at the device…')}</p>
        `,
        complete: (report) => (report ? this.#sections(report.device, report.storage, report.operator) : nothing),
        error: (error) => html`
          <sill-error .error=${toSillError(error)}>
            <div><wa-button size="s" appearance="outlined" @click=${() => this.#report.run()}>${msg('Try again')}</wa-button></div>
          </sill-error>
        `,
      })}
    `;
  }

  #sections(device: DeviceReport, storage: StorageReport | undefined, operator: OperatorReport | undefined) {
    return html`
      <div class="stack">
        ${deviceSections(device, storage).map((section) => this.#section(section, device))} ${this.#choice(device, operator)}
        <sill-engine-place id="engine"></sill-engine-place>
        <sill-memory-use id="memory"></sill-memory-use>
        <sill-request-list id="requests"></sill-request-list>
        <sill-device-events id="events"></sill-device-events>
        <sill-kiosk-lock id="kiosk"></sill-kiosk-lock>
        ${this.#limits(device)} ${this.#versions(device)}
        <div class="row">
          <wa-copy-button .value=${JSON.stringify({ device, storage }, null, 2)} success-label=${msg('Copied')} error-label=${msg('Could not copy')}>
            <wa-button size="s" appearance="outlined"><wa-icon slot="start" name="copy"></wa-icon>${msg('Copy report')}</wa-button>
          </wa-copy-button>
          <span class="quiet small">${msg('As JSON, for whoever helps you. It holds no texts and no recordings.')}</span>
        </div>
      </div>
    `;
  }

  #section({ id, title, rows }: DeviceSection, device: DeviceReport) {
    return html`
      <section class="card" aria-label=${title}>
        <h2 id=${id}>${title}</h2>
        <dl>${rows.map((row) => this.#row(row, device))}</dl>
      </section>
    `;
  }

  #row(row: DeviceRow, { storage }: DeviceReport) {
    return html`
      <div class="item ${row.state}">
        <dt><wa-icon name=${STATE_ICONS[row.state]}></wa-icon>${row.label}</dt>
        <dd>
          <p class="value">${row.value}</p>
          <p class="meaning">${row.meaning}</p>
          ${row.id === 'self-test' ? this.#test() : nothing}
          ${row.id === 'persistence' && storage.available && !storage.persisted ? this.#persistence() : nothing}
        </dd>
      </div>
    `;
  }

  #test() {
    return html`
      <div class="row ask">
        <wa-button size="s" appearance="outlined" @click=${this.#runTest}>${msg('Test it now')}</wa-button>
      </div>
    `;
  }

  async #runTest(): Promise<void> {
    this.testing = true;
    await this.#report.run();
    this.testing = false;
  }

  #choice({ preferCpu, preferQuality, webgpu }: DeviceReport, operator: OperatorReport | undefined) {
    return html`
      <section class="card" aria-label=${sectionTitle('device', 'placement')}>
        <h2 id="placement">${sectionTitle('device', 'placement')}</h2>
        <label class="check choice">
          <input type="checkbox" .checked=${live(preferCpu)} @change=${this.#onPreferCpu} />${msg('On the processor wherever there is a choice')}
        </label>
        <p class="meaning">
          ${msg('Takes hold when a model is loaded or installed. Each model that was made for the graphics processor can be placed by itself, in Models.')}
        </p>
        ${
          webgpu.available && webgpu.f16
            ? html`
                <label class="check choice">
                  <input
                    type="checkbox"
                    .checked=${live(preferQuality)}
                    ?disabled=${isDecided(operator, 'quality')}
                    @change=${this.#onPreferQuality}
                  />${msg('In the best quality, in place of the fastest')}
                </label>
                <p class="meaning">
                  ${msg('Takes hold when a model is installed that comes in 16 bits too: closest to the original, and about three times as large as in 4 bits.')}
                </p>
                ${operatorNote(operator, 'quality')}
              `
            : nothing
        }
      </section>
    `;
  }

  async #onPreferCpu(event: Event): Promise<void> {
    await this.#sill.value?.device.preferCpu((event.target as HTMLInputElement).checked);
  }

  async #onPreferQuality(event: Event): Promise<void> {
    await this.#sill.value?.device.preferQuality((event.target as HTMLInputElement).checked);
  }

  #persistence() {
    return html`
      <div class="row ask">
        <wa-button size="s" appearance="outlined" @click=${this.#persist}>${msg('Ask the browser to keep them')}</wa-button>
        ${this.refused ? html`<p role="status">${msg('The browser said no for now. Installing this app or visiting more often can change that.')}</p>` : nothing}
      </div>
    `;
  }

  #limits({ webgpu }: DeviceReport) {
    if (!webgpu.available) return nothing;
    return html`
      <details class="card">
        <summary>${msg('All limits and features of the graphics processor')}</summary>
        <dl class="facts">
          ${Object.entries(webgpu.limits).map(([name, value]) => html`<dt class="code">${name}</dt><dd class="figures">${formatNumber(value)}</dd>`)}
          <dt>${msg('Features')}</dt>
          <dd class="code">${webgpu.features.join(', ')}</dd>
        </dl>
      </details>
    `;
  }

  #versions({ versions, userAgent }: DeviceReport) {
    return html`
      <section class="card" aria-label=${sectionTitle('device', 'versions')}>
        <h2 id="versions">${sectionTitle('device', 'versions')}</h2>
        <dl class="facts">
          <dt>Sill</dt>
          <dd class="code">${versions.sill}</dd>
          <dt>ONNX Runtime</dt>
          <dd class="code">${versions.onnxruntime}</dd>
          <dt>transformers.js</dt>
          <dd class="code">${versions.transformers}</dd>
          <dt>${msg('Browser')}</dt>
          <dd class="code">${userAgent}</dd>
        </dl>
      </section>
    `;
  }

  async #persist(): Promise<void> {
    // Only a page may ask: the worker that holds the storage cannot.
    this.refused = !(await this.#sill.value?.storage.persist());
    await this.#report.run();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-device-view': SillDeviceView;
  }
}
