import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { EnginePlace } from '../../protocol/enginePlace.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { formatDate } from '../format.ts';
import { sectionTitle } from '../section-words.ts';
import { shared } from '../styles/shared.ts';
import { deviceViewStyles } from './device-view.styles.ts';

/** In which tab the engine runs that all tabs share, and since when. */
@customElement('sill-engine-place')
export class SillEnginePlace extends SillElement {
  static override styles = [shared, deviceViewStyles];

  @state() private place: EnginePlace | undefined;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  #stop: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    const engine = this.#sill.value?.engine;
    this.#stop = engine?.watch((place) => {
      this.place = place;
    });
    // One that cannot start is nowhere, and the views say why.
    engine?.place().then(
      (place) => {
        this.place = place;
      },
      () => undefined,
    );
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  override render() {
    if (!this.place) return nothing;
    const { here, sinceMs } = this.place;
    return html`
      <section class="card" aria-label=${sectionTitle('device', 'engine')}>
        <h2>${sectionTitle('device', 'engine')}</h2>
        <dl>
          <div class="item plain">
            <dt><wa-icon name="info"></wa-icon>${msg('Where it runs')}</dt>
            <dd>
              <p class="value">
                ${here ? msg(str`in this tab, since ${formatDate(sinceMs)}`) : msg(str`in another tab, since ${formatDate(sinceMs)}`)}
              </p>
              <p class="meaning">
                ${msg('One tab runs the models for all tabs of this app, so that they take memory once. When it is closed, another one takes over and goes on.')}
              </p>
            </dd>
          </div>
        </dl>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-engine-place': SillEnginePlace;
  }
}
