import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import { shortRevision } from '../../core/ids.ts';
import type { FreePlan, FreeReport } from '../../protocol/storageReports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { formatBytes } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';

const MB = 1_000_000;

/** Finds space: says what would be given up for it, and gives it up once that is agreed. */
@customElement('sill-free-space')
export class SillFreeSpace extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .ask {
        display: flex;
        flex-wrap: wrap;
        gap: var(--sill-space-12);
        align-items: end;
      }
      .field {
        width: 9rem;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        gap: 0 var(--sill-space-16);
        justify-content: space-between;
        padding: var(--sill-space-8) 0;
        border-top: 1px solid var(--wa-color-surface-border);
      }
      li:first-child {
        border-top: 0;
      }
    `,
  ];

  /** What somebody has to store who comes from elsewhere: the proposal is then made at once, for what is missing. */
  @property({ type: Number }) bytes: number | undefined;
  /** The model that they are for: what was downloaded of it is not given up. */
  @property() keep: string | undefined;
  @state() private wantedMb = 500;
  @state() private freed: FreeReport | undefined;

  readonly #models = new ModelsController(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #proposal = new Task(this, {
    autoRun: false,
    task: async ([bytes]: readonly [number]) =>
      this.#sill.value?.storage.propose(bytes, this.keep === undefined ? {} : { keep: this.keep }),
  });
  readonly #freeing = new Task(this, {
    autoRun: false,
    task: async ([plan]: readonly [FreePlan]) => this.#sill.value?.storage.free(plan.steps),
    onComplete: (report) => {
      this.freed = report;
      void this.#models.store?.refresh();
    },
  });

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('bytes') && this.bytes !== undefined) void this.#proposeFor(this.bytes);
  }

  override render() {
    if (this.freed) return this.#done(this.freed);
    return html`
      <div class="card stack">
        ${this.bytes === undefined ? this.#ask() : nothing}
        ${this.#proposal.render({
          complete: (plan) => (plan ? this.#plan(plan) : nothing),
          error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>`,
        })}
        ${this.#freeing.render({ error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>` })}
      </div>
    `;
  }

  #ask() {
    return html`
      <p class="small quiet">
        ${msg('Kept instructions, unfinished downloads and earlier versions go first, then what was made here of a download and can be made again, then models that were not used for longest. Nothing that is loaded or pinned is touched, and nothing happens before you agree.')}
      </p>
      <form class="ask" @submit=${this.#propose}>
        <div class="field">
          <label for="wanted">${msg('Megabytes')}</label>
          <input id="wanted" type="number" min="1" max="1000000" step="any" required .value=${String(this.wantedMb)} @input=${this.#onWanted} />
        </div>
        <wa-button type="submit" size="s" appearance="outlined" ?loading=${this.#proposal.status === TaskStatus.PENDING}>
          ${msg('Show what could go')}
        </wa-button>
      </form>
    `;
  }

  #plan(plan: FreePlan) {
    if (plan.steps.length === 0) {
      return html`<p role="status">${msg('There is nothing here that could be given up: what is installed is in use or pinned. Free space on the device itself.')}</p>`;
    }
    const names = new Map(this.#models.store?.list?.models.map((model) => [model.id, model.name]));
    const size = formatBytes(plan.freesBytes);
    return html`
      <div class="stack" role="group" aria-label=${msg('What could go')}>
        <p role="status">${plan.enough ? msg(str`This would free ${size}:`) : msg(str`All that could go frees ${size}, which is not enough:`)}</p>
        <ul>
          ${plan.steps.map(
            (step) => html`
              <li>
                <span>${stepWords(step.kind, names.get(step.modelId) ?? step.modelId)} <code class="quiet small">${shortRevision(step.revision)}</code></span>
                <span class="figures">${formatBytes(step.freesBytes)}</span>
              </li>
            `,
          )}
        </ul>
        <div class="row">
          <wa-button size="s" variant="danger" ?loading=${this.#freeing.status === TaskStatus.PENDING} @click=${() => this.#freeing.run([plan])}>
            ${msg(str`Remove these, frees ${size}`)}
          </wa-button>
        </div>
      </div>
    `;
  }

  #done({ freedBytes, kept }: FreeReport) {
    const inUse = kept.filter(({ error }) => error.code === 'busy');
    // An offer within the offer would lead round in a circle.
    const failed = kept.filter(({ error }) => error.code !== 'busy' && error.code !== 'quota_exceeded');
    return html`
      <div class="card stack" role="status">
        <p>${msg(str`${formatBytes(freedBytes)} are free now.`)}</p>
        ${inUse.length > 0 ? html`<p class="small">${msg(str`Not removed, because it came into use: ${inUse.map(({ step }) => step.modelId).join(', ')}`)}</p>` : nothing}
        ${failed.map(({ error }) => html`<sill-error mild .error=${error}></sill-error>`)}
        ${this.bytes === undefined ? html`<div class="row"><wa-button size="s" appearance="outlined" @click=${this.#again}>${msg('Free more')}</wa-button></div>` : nothing}
      </div>
    `;
  }

  /** Less what is free already. A disk that is full though the browser promises room is short of all of it. */
  async #proposeFor(bytes: number): Promise<void> {
    const { quotaBytes = 0, usageBytes = 0 } = (await this.#sill.value?.storage().catch(() => undefined)) ?? {};
    const missing = bytes - Math.max(0, quotaBytes - usageBytes);
    await this.#proposal.run([missing > 0 ? missing : bytes]);
  }

  #propose(event: SubmitEvent): void {
    event.preventDefault();
    void this.#proposal.run([this.wantedMb * MB]);
  }

  #onWanted(event: Event): void {
    this.wantedMb = (event.target as HTMLInputElement).valueAsNumber;
  }

  #again(): void {
    this.freed = undefined;
    void this.#proposal.run([0]);
  }
}

const stepWords = (kind: FreePlan['steps'][number]['kind'], name: string): string =>
  ({
    form: msg(
      str`What was made of ${name} to run here: the download stays, and it is made again when ${name} is asked next, which then waits until it is done`,
    ),
    derived: msg(str`Kept instructions of ${name}, which are evaluated again when they are needed`),
    unfinished: msg(str`Unfinished download of ${name}`),
    previous: msg(str`Earlier version of ${name}`),
    model: msg(str`${name}, the whole model`),
  })[kind];

declare global {
  interface HTMLElementTagNameMap {
    'sill-free-space': SillFreeSpace;
  }
}
