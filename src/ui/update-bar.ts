import '@awesome.me/webawesome/dist/components/button/button.js';
import { consume } from '@lit/context';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { appContext } from './context.ts';
import { SillElement } from './element.ts';
import { type AppShell, INITIAL_SHELL } from './shell.ts';
import { shared } from './styles/shared.ts';

/** Says that a new version of the app waits. "Later" lasts until the page is opened again. */
@customElement('sill-update-bar')
export class SillUpdateBar extends SillElement {
  static override styles = [
    shared,
    css`
      :host {
        max-width: 72rem;
        margin-bottom: 1.25rem;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem 1rem;
        padding: 0.625rem 0.75rem 0.625rem 1rem;
        border-radius: var(--sill-radius);
        background: var(--wa-color-brand-fill-quiet);
        color: var(--wa-color-text-normal);
      }
      p {
        flex: 1 1 16rem;
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
