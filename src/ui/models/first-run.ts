import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';

/** What a person who has never been here should know, in three sentences. */
@customElement('sill-first-run')
export class SillFirstRun extends SillElement {
  static override styles = [
    shared,
    css`
      .welcome {
        padding: clamp(var(--sill-space-20), 4vw, var(--sill-space-32));
        border-radius: var(--sill-radius);
        background: var(--wa-color-brand-fill-quiet);
        color: var(--wa-color-text-normal);
      }
      /* The largest text of the first screen: what comes later, the descriptions of models, is not what a first visit is timed by (decision 73). */
      h2 {
        font-size: var(--wa-font-size-xl);
        letter-spacing: -0.015em;
        max-width: 40rem;
      }
      ol {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr));
        gap: var(--sill-space-16) var(--sill-space-32);
        margin-top: var(--sill-space-20);
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--sill-space-12);
      }
      wa-icon {
        margin-top: var(--sill-icon-drop);
        font-size: var(--sill-icon-m);
        color: var(--sill-accent);
      }
    `,
  ];

  override render() {
    return html`
      <section class="welcome" aria-label=${msg('Welcome')}>
        <h2>${msg('Sill runs small language models inside this browser, on your own device.')}</h2>
        <ol>
          <li><wa-icon name="download"></wa-icon><p>${msg('Choose a model below. It is downloaded once, checked, and kept here.')}</p></li>
          <li><wa-icon name="offline"></wa-icon><p>${msg('Then it works without a network, as often and as long as you like.')}</p></li>
          <li><wa-icon name="lock"></wa-icon><p>${msg('What you write, search or say stays on this device. There is no account and no server that answers.')}</p></li>
        </ol>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-first-run': SillFirstRun;
  }
}
