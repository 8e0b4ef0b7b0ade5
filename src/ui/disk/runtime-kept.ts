import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { formatBytes } from '../format.ts';
import { sectionTitle } from '../section-words.ts';
import { shared } from '../styles/shared.ts';
import { askStyles } from './ask.styles.ts';

/**
 * The part of the app that runs models is not on the device: how large it is, and a way to fetch it.
 *
 * @fires sill-change once it was fetched
 */
@customElement('sill-runtime-kept')
export class SillRuntimeKept extends SillElement {
  static override styles = [shared, askStyles];

  @property({ type: Number }) missingBytes = 0;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #fetching = new Task(this, {
    autoRun: false,
    task: async (_: readonly [], { signal }) => this.#sill.value?.storage.prepare({ signal }),
    onComplete: () => this.emit('sill-change'),
  });

  override render() {
    return html`
      <section class="card stack" aria-label=${sectionTitle('storage', 'runtime')}>
        <div class="ask">
          <div class="words">
            <p class="title"><wa-icon name="info"></wa-icon>${msg('The model runtime is not stored yet')}</p>
            <p class="small quiet">
              ${msg(str`It is the part of the app that runs models, ${formatBytes(this.missingBytes)}. It comes by itself where the connection costs nothing, and with the first model. Fetch it now to import models from files where there is no network.`)}
            </p>
          </div>
          <wa-button
            size="s"
            appearance="outlined"
            ?loading=${this.#fetching.status === TaskStatus.PENDING}
            @click=${() => this.#fetching.run([])}
          >
            ${msg(str`Fetch ${formatBytes(this.missingBytes)}`)}
          </wa-button>
        </div>
        ${this.#fetching.render({ error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>` })}
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-runtime-kept': SillRuntimeKept;
  }
}
