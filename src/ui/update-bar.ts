import '@awesome.me/webawesome/dist/components/button/button.js';
import { consume } from '@lit/context';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { appContext } from './context.ts';
import { SillElement } from './element.ts';
import { type AppShell, INITIAL_SHELL } from './shell.ts';
import { bar } from './styles/bar.ts';
import { shared } from './styles/shared.ts';

/** Says that a new version of the app waits. "Later" lasts until the page is opened again. */
@customElement('sill-update-bar')
export class SillUpdateBar extends SillElement {
  static override styles = [
    shared,
    bar,
    css`
      .bar {
        background: var(--wa-color-brand-fill-quiet);
      }
    `,
  ];

  /** Something runs that a reload would cut off. */
  @property({ type: Boolean }) busy = false;
  @consume({ context: appContext, subscribe: true }) @state() private shell: AppShell = INITIAL_SHELL;
  @state() private later = false;

  override render() {
    if (this.later) return nothing;
    return html`
      <section class="bar" aria-label=${msg('Update')}>
        <p role="status">
          ${msg('A new version is ready.')} ${this.busy ? msg('It can take over as soon as the running work has finished.') : nothing}
        </p>
        <div class="row">
          <wa-button size="s" appearance="plain" @click=${this.#later}>${msg('Later')}</wa-button>
          <wa-button size="s" variant="brand" ?disabled=${this.busy} @click=${() => this.shell.applyUpdate()}>${msg('Update now')}</wa-button>
        </div>
      </section>
    `;
  }

  #later(): void {
    this.later = true;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-update-bar': SillUpdateBar;
  }
}
