import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { SillElement } from './element.ts';
import type { AppShell } from './shell.ts';
import { bar } from './styles/bar.ts';
import { shared } from './styles/shared.ts';

/** Says that another tab stands between this page and what is stored, and what helps. */
@customElement('sill-storage-bar')
export class SillStorageBar extends SillElement {
  static override styles = [
    shared,
    bar,
    css`
      .bar {
        background: var(--wa-color-warning-fill-quiet);
      }
    `,
  ];

  @property() storage: AppShell['storage'] = 'usable';

  override render() {
    if (this.storage === 'usable') return nothing;
    const words = {
      blocked: msg(
        'Another tab runs an older version of Sill and keeps what is stored. Close or reload that tab: this one then goes on by itself.',
      ),
      outdated: msg('Sill was updated in another tab. Reload this page to go on; nothing that is stored was lost.'),
      erased: msg('Everything that Sill kept on this device was erased in another tab. Reload this page to begin anew.'),
    }[this.storage];
    return html`
      <section class="bar" aria-label=${msg('Storage')}>
        <p role="status">${words}</p>
        ${
          this.storage === 'blocked'
            ? nothing
            : html`<wa-button size="s" variant="brand" @click=${() => location.reload()}>${msg('Reload')}</wa-button>`
        }
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-storage-bar': SillStorageBar;
  }
}
