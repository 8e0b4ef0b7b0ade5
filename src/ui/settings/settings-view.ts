import '../downloads/download-settings.ts';
import '../updates/update-policy.ts';
import './appearance-settings.ts';
import './keyboard-settings.ts';
import './log-settings.ts';
import './memory-form.ts';
import './notice-settings.ts';
import { msg } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { DownloadsStore } from '../downloads/downloads-store.ts';
import { SillElement } from '../element.ts';
import { KioskController } from '../kiosk-controller.ts';
import { OwnStore } from '../own-store.ts';
import { routeHref } from '../routes.ts';
import { SectionLink } from '../section-link.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';
import { viewHead } from '../view-head.ts';
import { sectionHref } from '../view-sections.ts';
import { type Section, sectionWords } from './sections.ts';

/** What can be set on this device, in one place; what the operator has locked says so. */
@customElement('sill-settings-view')
export class SillSettingsView extends SillElement {
  static override styles = [
    shared,
    viewStyles,
    css`
      /* The same edge as all other views, and lines that are read. */
      .sections {
        max-width: 48rem;
      }
      .links {
        display: grid;
        gap: var(--sill-space-8);
      }
    `,
  ];

  readonly #downloads = new OwnStore(this, (sill) => new DownloadsStore(sill));
  readonly #updates = new UpdatesController(this);
  readonly #kiosk = new KioskController(this);

  constructor() {
    super();
    new SectionLink(this, 'settings');
  }

  override render() {
    const { store } = this.#downloads;
    const operator = this.#updates.store?.operator;
    return html`
      ${viewHead('settings')}
      <div class="sections">
        ${
          operator?.kiosk
            ? html`<p class="card" role="note">${msg('This device is a kiosk of its site: what the operator decides is shown and cannot be changed here.')}</p>`
            : nothing
        }
        ${this.#section('appearance', sectionWords('appearance'), html`<sill-appearance-settings></sill-appearance-settings>`)}
        ${this.#section('keyboard', sectionWords('keyboard'), html`<sill-keyboard-settings></sill-keyboard-settings>`)}
        ${operator?.kiosk ? nothing : this.#section('notifications', sectionWords('notifications'), html`<sill-notice-settings></sill-notice-settings>`)}
        ${this.#section('updates', sectionWords('updates'), html`<div class="card"><sill-update-policy></sill-update-policy></div>`, routeHref('updates'))}
        ${this.#section(
          'downloads',
          sectionWords('downloads'),
          store?.settings
            ? html`<sill-download-settings .settings=${store.settings} .store=${store}></sill-download-settings>`
            : html`<p class="quiet" role="status">${msg('Looking at the settings…')}</p>`,
          routeHref('downloads'),
        )}
        ${this.#section('memory', sectionWords('memory'), html`<sill-memory-form></sill-memory-form>`, sectionHref('device', 'memory'))}
        ${this.#kiosk.locked ? nothing : this.#section('log', sectionWords('log'), html`<sill-log-settings></sill-log-settings>`, routeHref('log'))}
        ${this.#section(
          'elsewhere',
          msg('Elsewhere'),
          html`
            <ul class="card links">
              <li><a href=${sectionHref('device', 'placement')}>${msg('On which processor models run')}</a></li>
              <li><a href=${routeHref('storage')}>${msg('What is stored, a copy of your own data, and erasing everything')}</a></li>
            </ul>
          `,
        )}
      </div>
    `;
  }

  #section(id: Section | 'elsewhere', title: string, content: TemplateResult, href?: string) {
    return html`
      <section class="stack" aria-labelledby=${id}>
        <div class="row spread">
          <h2 id=${id} tabindex="-1">${title}</h2>
          ${href ? html`<a class="small" href=${href} aria-describedby=${id}>${msg('Open the view')}</a>` : nothing}
        </div>
        ${content}
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-settings-view': SillSettingsView;
  }
}
