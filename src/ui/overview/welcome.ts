import '../models/first-run.ts';
import { msg } from '@lit/localize';
import { html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { shared, viewStyles } from '../styles/shared.ts';

export const overviewHead = () => html`
  <div class="head">
    <h1>${msg('Overview')}</h1>
    <p>${msg('How this device is, and what needs you.')}</p>
  </div>
`;

/** How the overview begins for who was never here: comes with the frame, and is read while the view itself is fetched. */
@customElement('sill-welcome')
export class SillWelcome extends SillElement {
  static override styles = [shared, viewStyles];

  override render() {
    return html`
      ${overviewHead()}
      <div class="sections">
        <sill-first-run></sill-first-run>
        <div class="ghost" aria-hidden="true"></div>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-welcome': SillWelcome;
  }
}
