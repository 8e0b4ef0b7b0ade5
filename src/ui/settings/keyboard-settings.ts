import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { SillElement } from '../element.ts';
import { routeHref } from '../routes.ts';
import { areSinglesOn, chooseSingles, followSingles } from '../shortcuts/shortcut-keys.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';

/** Whether single characters are shortcuts: who speaks to the device, or slips on its keys, does not want them. */
@customElement('sill-keyboard-settings')
export class SillKeyboardSettings extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .card {
        display: grid;
        gap: var(--sill-space-8);
      }
    `,
  ];

  constructor() {
    super();
    followSingles(this);
  }

  override render() {
    return html`
      <div class="card">
        <label class="check">
          <input type="checkbox" .checked=${live(areSinglesOn())} aria-describedby="hint" @change=${this.#onChange} />
          ${msg('Shortcuts of single characters, as ? or g and then a letter')}
        </label>
        <p class="small quiet" id="hint">
          ${msg('They do nothing while you write in a field. Turn them off if you speak to this device or keys are pressed by mistake: the command palette and what has a modifier go on working.')}
          <a href=${routeHref('help')}>${msg('All shortcuts are in Help')}</a>
        </p>
      </div>
    `;
  }

  #onChange(event: Event): void {
    chooseSingles((event.target as HTMLInputElement).checked);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-keyboard-settings': SillKeyboardSettings;
  }
}
