import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { sectionTitle } from '../section-words.ts';
import { shared } from '../styles/shared.ts';
import { askStyles } from './ask.styles.ts';

/**
 * Whether the browser has promised to keep what is stored, and a way to ask it.
 *
 * @fires sill-change after it was asked
 */
@customElement('sill-persistence')
export class SillPersistence extends SillElement {
  static override styles = [shared, askStyles];

  @property({ type: Boolean }) persisted = false;
  @state() private refused = false;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });

  override render() {
    if (this.persisted) {
      return html`
        <section class="card ask done" aria-label=${sectionTitle('storage', 'persistence')}>
          <div class="words">
            <p class="title"><wa-icon name="lock"></wa-icon>${msg('Kept for good')}</p>
            <p class="small quiet">${msg('The browser has agreed to keep what is stored here, also when the device runs short of space.')}</p>
          </div>
        </section>
      `;
    }
    return html`
      <section class="card ask" aria-label=${sectionTitle('storage', 'persistence')}>
        <div class="words">
          <p class="title"><wa-icon name="info"></wa-icon>${msg('Kept as long as there is space')}</p>
          <p class="small quiet">
            ${msg('The browser may remove everything here when the device runs short of space. Where Sill can tell, it offers to fetch back what was installed.')}
          </p>
          ${
            this.refused
              ? html`<p class="small" role="status">${msg('The browser did not agree. It decides by itself: installing Sill as an app, or using it often, helps.')}</p>`
              : nothing
          }
        </div>
        <wa-button size="s" appearance="outlined" @click=${this.#ask}>${msg('Ask the browser to keep it')}</wa-button>
      </section>
    `;
  }

  async #ask(): Promise<void> {
    this.refused = (await this.#sill.value?.storage.persist()) === false;
    this.emit('sill-change');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-persistence': SillPersistence;
  }
}
