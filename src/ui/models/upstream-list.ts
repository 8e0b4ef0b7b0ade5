import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Sill } from '../../protocol/sill.ts';
import type { UpstreamHealth, UpstreamSummary } from '../../protocol/upstreams.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { errorWords } from '../errors.ts';
import { formatDate, formatTime, plural } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { good } from '../styles/good.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';

/** Names under which another computer answers, where the operator of the site has any. */
@customElement('sill-upstream-list')
export class SillUpstreamList extends SillElement {
  static override styles = [
    shared,
    good,
    marks,
    css`
      section {
        display: grid;
        gap: var(--sill-space-12);
      }
      ul {
        display: grid;
        gap: var(--sill-space-8);
      }
      li {
        padding: var(--sill-space-12) var(--sill-space-16);
        overflow-wrap: anywhere;
      }
    `,
  ];

  readonly #models = new ModelsController(this);
  #stop: (() => void) | undefined;
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true, callback: (sill) => this.#follow(sill) });
  /** Again when a model comes or goes: one of the same name on this device is what answers. */
  readonly #upstreams = new Task(this, {
    task: async ([sill]) => sill?.upstreams(),
    args: () => [this.#sill.value, this.#models.store?.list] as const,
  });

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  #follow(sill: Sill | undefined): void {
    this.#stop?.();
    this.#stop = sill?.watch(({ type }) => {
      if (type === 'upstreams') void this.#upstreams.run();
    });
  }

  /** Without any it is no part of the view, not even a gap. */
  override willUpdate(): void {
    this.hidden = (this.#upstreams.value ?? []).length === 0;
  }

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

  #item({ alias, name, url, fallback, isUsed, health }: UpstreamSummary) {
    return html`
      <p><strong>${alias}</strong></p>
      <p class="small quiet">
        ${isUsed ? msg(str`Computed by ${name} (${url}).`) : msg('A model of this name is on this device and answers.')}
        ${isUsed && fallback !== undefined ? msg(str`Where that cannot be reached, ${fallback} on this device answers and says so.`) : nothing}
      </p>
      ${isUsed && health && health.state !== 'unknown' ? this.#health(health) : nothing}
    `;
  }

  #health({ state, failures, answeredAtMs, retryAtMs, error }: UpstreamHealth) {
    if (state === 'answers')
      return html`<p class="good"><wa-icon name="ok"></wa-icon><span>${msg(str`Answered last on ${formatDate(answeredAtMs ?? 0)}.`)}</span></p>`;
    const why = error ? errorWords(error).title : '';
    return html`
      <p class="note warn">
        <wa-icon name="warning"></wa-icon>
        <span>
          ${plural(failures, msg(str`Did not answer the last request: ${why}.`), msg(str`Did not answer the last ${failures} requests: ${why}.`))}
          ${state === 'rests' && retryAtMs !== undefined ? msg(str`It is left alone until ${formatTime(retryAtMs)}, so that nobody has to wait for it.`) : nothing}
        </span>
      </p>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-upstream-list': SillUpstreamList;
  }
}
