import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { UpstreamSummary } from '../../protocol/upstreams.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { ModelsController } from '../models-controller.ts';
import { shared } from '../styles/shared.ts';

/** Names under which another computer answers, where the operator of the site has any. */
@customElement('sill-upstream-list')
export class SillUpstreamList extends SillElement {
  static override styles = [
    shared,
    css`
      section {
        display: grid;
        gap: 0.75rem;
      }
      ul {
        display: grid;
        gap: 0.5rem;
      }
      li {
        padding: 0.75rem 1rem;
        overflow-wrap: anywhere;
      }
    `,
  ];

  readonly #models = new ModelsController(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  /** Again when a model comes or goes: one of the same name on this device is what answers. */
  readonly #upstreams = new Task(this, {
    task: async ([sill]) => sill?.upstreams(),
    args: () => [this.#sill.value, this.#models.store?.list] as const,
  });

  override render() {
    const all = this.#upstreams.value ?? [];
    if (all.length === 0) return nothing;
    return html`
      <section aria-labelledby="elsewhere">
        <h2 id="elsewhere">${msg('On another computer')}</h2>
        <p class="quiet small">
          ${msg('The operator of this site has named these. They are used only by who chooses them, and what is written to them leaves this device.')}
        </p>
        <ul>${all.map((upstream) => html`<li class="card">${this.#item(upstream)}</li>`)}</ul>
      </section>
    `;
  }

  #item({ alias, name, url, fallback, isUsed }: UpstreamSummary) {
    return html`
      <p><strong>${alias}</strong></p>
      <p class="small quiet">
        ${isUsed ? msg(str`Computed by ${name} (${url}).`) : msg('A model of this name is on this device and answers.')}
        ${isUsed && fallback !== undefined ? msg(str`Where that cannot be reached, ${fallback} on this device answers and says so.`) : nothing}
      </p>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-upstream-list': SillUpstreamList;
  }
}
