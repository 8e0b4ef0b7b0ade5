import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { SillElement } from './element.ts';
import { shared } from './styles/shared.ts';

/** Stands in for the views where the browser withholds storage and workers because the page came over plain http. */
@customElement('sill-insecure-page')
export class SillInsecurePage extends SillElement {
  static override styles = [
    shared,
    css`
      :host {
        max-width: 44rem;
      }
      .stack {
        gap: var(--sill-space-20);
      }
      ol {
        display: grid;
        gap: var(--sill-space-16);
        counter-reset: way;
      }
      li {
        padding-inline-start: var(--sill-space-32);
        position: relative;
        counter-increment: way;
      }
      li::before {
        content: counter(way);
        position: absolute;
        inset: 0 auto auto 0;
        font-weight: 650;
        color: var(--sill-accent);
      }
      code {
        overflow-wrap: anywhere;
      }
    `,
  ];

  override render() {
    const local = `http://localhost:${location.port || '80'}${location.pathname}`;
    return html`
      <div class="stack">
        <h1>${msg('Nothing can run here: the connection is not secure')}</h1>
        <p>
          ${msg(str`This page was opened over plain http from ${location.host}.`)}
          ${msg(
            'Browsers then withhold what Sill is made of: offline storage of the app, checks of downloaded models, graphics computing and threads. Your device is fine, and so is the app.',
          )}
        </p>
        <div class="card stack">
          <h2>${msg('What the operator can do')}</h2>
          <ol>
            <li>
              <h3>${msg('Serve it over https')}</h3>
              <p>${msg('The release archive holds ready recipes for nginx, Caddy and Apache. Caddy obtains a certificate by itself.')}</p>
            </li>
            <li>
              <h3>${msg('Open it on the machine that serves it')}</h3>
              <p>${msg('Browsers trust the computer that they run on:')} <code>${local}</code></p>
            </li>
            <li>
              <h3>${msg('Bring the port over, for a try')}</h3>
              <p><code>ssh -L ${location.port || '4173'}:localhost:${location.port || '4173'} ${location.hostname}</code></p>
              <p>${msg('Then open the address above on this machine.')}</p>
            </li>
          </ol>
        </div>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-insecure-page': SillInsecurePage;
  }
}
