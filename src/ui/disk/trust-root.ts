import '../elements/ask-then-do.ts';
import { ContextConsumer } from '@lit/context';
import { msg } from '@lit/localize';
import { html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { sectionTitle } from '../section-words.ts';
import { shared } from '../styles/shared.ts';

/** For a device that trusts another publisher's root than the app was shipped with: explains, and lets a person decide. */
@customElement('sill-trust-root')
export class SillTrustRoot extends SillElement {
  static override styles = [shared];

  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });

  override render() {
    return html`
      <section class="card danger stack" aria-label=${msg('Trust')}>
        <h2>${sectionTitle('storage', 'trust')}</h2>
        <p>
          ${msg('The list of models is held against keys that came with the first version of the app that was opened here. This version comes with others. That happens when an operator sets the site up anew; it would also happen if somebody else had taken the site over.')}
        </p>
        <p>${msg('Installed models keep working. Nothing new is accepted until the new root is.')}</p>
        <sill-ask-then-do
          label=${msg('Accept the new trust root')}
          heading=${msg('Accept the new trust root?')}
          action=${msg('Accept')}
          .work=${async () => this.#sill.value?.trust.accept()}
        >
          <p>${msg('Do this only if the operator of this site has told you that the keys have changed. Whoever holds the new keys decides from then on which models this device takes.')}</p>
        </sill-ask-then-do>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-trust-root': SillTrustRoot;
  }
}
