import './progress-line.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { DamagedChunk, RepairProgress, RepairReport } from '../../protocol/integrityReports.ts';
import { SillElement } from '../element.ts';
import { errorWords } from '../errors.ts';
import { formatBytes } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { shared } from '../styles/shared.ts';
import { partsWords } from '../words.ts';

/** Mends a model whose parts are damaged or gone: a button, then how far it is, then what came of it. */
@customElement('sill-repair')
export class SillRepair extends SillElement {
  static override styles = [
    shared,
    css`
      :host {
        font-size: var(--wa-font-size-s);
      }
      .good {
        display: flex;
        gap: var(--sill-space-8);
        align-items: center;
      }
      .good wa-icon {
        color: var(--wa-color-success-on-quiet);
        font-size: var(--sill-icon-s);
      }
      .stack {
        gap: var(--sill-space-8);
      }
      ul {
        list-style: disc;
        padding-inline-start: var(--sill-space-20);
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property() model = '';
  readonly #models = new ModelsController(this);

  /** A repair that ended before is about another damage. */
  readonly #sinceMs = performance.now();

  override render() {
    const last = this.#models.store?.repairs.get(this.model);
    const state = last?.kind === 'done' && last.atMs < this.#sinceMs ? undefined : last;
    if (state?.kind === 'running') return this.#progress(state.progress);
    if (state?.kind === 'done' && state.report.ok) return repaired(state.report);
    return html`
      <div class="stack">
        ${state?.kind === 'done' ? this.#left(state.report) : nothing}
        ${state?.kind === 'failed' ? html`<p role="alert">${errorWords(state.error).title}. ${errorWords(state.error).advice}</p>` : nothing}
        <div class="row">${state?.kind === 'done' && state.report.waiting ? this.#anyway(state.report) : this.#repair(state !== undefined)}</div>
      </div>
    `;
  }

  #progress(progress: RepairProgress | undefined) {
    const { phase, doneBytes, totalBytes } = progress ?? { phase: 'verifying', doneBytes: 0, totalBytes: 0 };
    const of = msg(str`${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`);
    return html`
      <sill-progress
        label=${msg('Repair')}
        .fraction=${totalBytes > 0 ? doneBytes / totalBytes : undefined}
        .words=${[phase === 'verifying' ? msg('Checking every part') : msg('Fetching the damaged parts'), of].join(' · ')}
      ></sill-progress>
    `;
  }

  #repair(again: boolean) {
    return html`
      <wa-button size="s" variant="brand" @click=${() => this.#models.store?.repair(this.model)}>
        ${again ? msg('Try the repair again') : msg('Repair')}
      </wa-button>
    `;
  }

  #anyway({ left }: RepairReport) {
    return html`
      <wa-button size="s" variant="brand" @click=${() => this.#models.store?.repair(this.model, 'allow')}>
        ${msg(str`Download now, ${formatBytes(sizeOf(left))}`)}
      </wa-button>
    `;
  }

  #left(report: RepairReport) {
    if (report.waiting) {
      return html`
        <p role="alert">
          ${msg(str`${formatBytes(sizeOf(report.left))} have to be fetched again, and this connection may cost. Nothing was downloaded yet.`)}
        </p>
      `;
    }
    const files = new Map<string, number>();
    for (const { path } of report.left) files.set(path, (files.get(path) ?? 0) + 1);
    return html`
      <div role="alert" class="stack">
        <p>
          ${msg(str`${formatBytes(sizeOf(report.left))} could not be fetched again.`)} ${report.error ? html`${errorWords(report.error).title}.` : nothing}
          ${msg('What is good is kept. Try again later with a network, or import a bundle of this model.')}
        </p>
        <ul>
          ${[...files].map(([path, parts]) => html`<li><code>${path}</code>: ${partsWords(parts)}</li>`)}
        </ul>
      </div>
    `;
  }
}

const sizeOf = (parts: readonly DamagedChunk[]): number => parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/** The end of a repair that went well. */
export function repaired({ damaged }: RepairReport) {
  const words =
    damaged.length === 0
      ? msg('Nothing was damaged: every part is what the publisher described.')
      : msg(str`Repaired: ${formatBytes(sizeOf(damaged))} were fetched again. Everything else was in order.`);
  return html`<p class="good" role="status"><wa-icon name="ok"></wa-icon>${words}</p>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-repair': SillRepair;
  }
}
