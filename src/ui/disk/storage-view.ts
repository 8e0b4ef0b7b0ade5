import './disk-use.ts';
import './erase-all.ts';
import './free-space.ts';
import './lost-models.ts';
import './own-data.ts';
import './persistence.ts';
import './runtime-kept.ts';
import './stored-models.ts';
import './trust-root.ts';
import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { StorageReport } from '../../protocol/storageReports.ts';
import { SillElement } from '../element.ts';
import { KioskController } from '../kiosk-controller.ts';
import { ModelsController } from '../models-controller.ts';
import { SectionLink } from '../section-link.ts';
import { sectionTitle } from '../section-words.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';
import { StorageController } from './report-controller.ts';

/** What lies on this device, whether it is sound, and how to get space or a clean slate. */
@customElement('sill-storage-view')
export class SillStorageView extends SillElement {
  static override styles = [shared, viewStyles];

  readonly #storage = new StorageController(this);
  readonly #models = new ModelsController(this);
  readonly #kiosk = new KioskController(this);

  constructor() {
    super();
    new SectionLink(this, 'storage');
  }

  override render() {
    return html`
      ${viewHead('storage')}
      ${this.#content()}
    `;
  }

  #content(): TemplateResult {
    const { report, error } = this.#storage;
    if (report) return this.#sections(report);
    if (error) {
      return html`<sill-error .error=${error}>
        <wa-button size="s" appearance="outlined" @click=${() => this.#storage.refresh()}>${msg('Try again')}</wa-button>
      </sill-error>`;
    }
    return html`<p class="visually-hidden" role="status">${msg('Looking at what is stored…')}</p><div class="ghost" aria-hidden="true"></div>`;
  }

  #sections(report: StorageReport): TemplateResult {
    const catalogError = this.#models.store?.list?.catalogError;
    const isOtherRoot = catalogError?.details?.attack === 'another_root';
    return html`
      <div class="sections">
        ${report.lost.length > 0 && !this.#kiosk.locked ? html`<sill-lost-models id="lost" .models=${report.lost} @sill-change=${this.#refresh}></sill-lost-models>` : nothing}
        ${isOtherRoot && !this.#kiosk.locked ? html`<sill-trust-root id="trust"></sill-trust-root>` : nothing}
        <sill-disk-use id="disk" .report=${report}></sill-disk-use>
        <sill-persistence id="persistence" .persisted=${report.persisted} @sill-change=${this.#refresh}></sill-persistence>
        ${report.runtimeMissingBytes > 0 ? html`<sill-runtime-kept id="runtime" .missingBytes=${report.runtimeMissingBytes} @sill-change=${this.#refresh}></sill-runtime-kept>` : nothing}
        <sill-stored-models id="versions" .report=${report}></sill-stored-models>
        ${this.#kiosk.locked ? nothing : this.#changes()}
      </div>
    `;
  }

  #changes(): TemplateResult {
    return html`
      <section class="stack">
        <h2 id="space">${sectionTitle('storage', 'space')}</h2>
        <sill-free-space></sill-free-space>
      </section>
      <sill-own-data id="own-data"></sill-own-data>
      <sill-erase-all id="erase"></sill-erase-all>
    `;
  }

  readonly #refresh = (): void => void this.#storage.refresh();
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-storage-view': SillStorageView;
  }
}
