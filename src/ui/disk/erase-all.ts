import '../elements/ask-then-do.ts';
import { ContextConsumer } from '@lit/context';
import { msg } from '@lit/localize';
import { html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { sectionTitle } from '../section-words.ts';
import { shared } from '../styles/shared.ts';

/** A clean slate: everything that Sill keeps on this device goes. */
@customElement('sill-erase-all')
export class SillEraseAll extends SillElement {
  static override styles = [shared];

  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });

  override render() {
    return html`
      <section class="stack">
        <h2>${sectionTitle('storage', 'erase')}</h2>
        <div class="card danger stack">
          <p class="small">
            ${msg('Deletes all models, documents, conversations, results and settings, and the copy of the app that is kept for use without a network. Other tabs with Sill end. Nothing on the server or on other devices changes.')}
          </p>
          <sill-ask-then-do
            label=${msg('Erase everything')}
            variant="danger"
            heading=${msg('Erase everything on this device?')}
            action=${msg('Erase everything')}
            word=${msg('erase')}
            .work=${async () => this.#sill.value?.storage.erase()}
          >
            <p>${msg('This cannot be taken back. Models must be downloaded again; what you wrote and added is gone.')}</p>
          </sill-ask-then-do>
        </div>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-erase-all': SillEraseAll;
  }
}
