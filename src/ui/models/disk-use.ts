import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import { toSillError } from '../../core/errors.ts';
import type { StorageReport } from '../../protocol/reports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { formatBytes, formatPercent } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { shared } from '../styles/shared.ts';
import { diskUseStyles } from './disk-use.styles.ts';

interface Part {
  readonly name: string;
  readonly sizeBytes: number;
  readonly kind: string;
}

/** What Sill takes of the device: one bar of what is used, and the same as a table. */
@customElement('sill-disk-use')
export class SillDiskUse extends SillElement {
  static override styles = [shared, diskUseStyles];

  readonly #models = new ModelsController(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #storage = new Task(this, {
    // The list is an argument because a change of it is a change of what is stored.
    task: async ([sill, _list]) => sill?.storage(),
    args: () => [this.#sill.value, installedKey(this.#models.store?.list?.models)] as const,
  });

  override render() {
    return html`
      <section aria-label=${msg('Disk use')}>
        <h2>${msg('Disk use')}</h2>
        ${this.#storage.render({
          complete: (report) => (report ? this.#report(report) : nothing),
          error: (error) => html`<sill-error mild .error=${toSillError(error)}></sill-error>`,
        })}
      </section>
    `;
  }

  #report(report: StorageReport) {
    const parts = this.#parts(report);
    const used = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    return html`
      <div class="card">
        <figure>
          <div class="bar" aria-hidden="true">
            ${parts.map(
              (part, index) =>
                html`<span class="${part.kind} tone-${index % 4}" style=${styleMap({ 'flex-grow': String(part.sizeBytes) })}></span>`,
            )}
          </div>
          <figcaption class="small quiet figures">${this.#caption(used, report)}</figcaption>
        </figure>
        <table>
          <caption class="visually-hidden">${msg('Disk use by model')}</caption>
          <thead>
            <tr><th scope="col">${msg('What')}</th><th scope="col" class="number">${msg('Size')}</th><th scope="col" class="number">${msg('Share')}</th></tr>
          </thead>
          <tbody>
            ${parts.map(
              (part, index) => html`
                <tr>
                  <th scope="row"><span class="key ${part.kind} tone-${index % 4}"></span>${part.name}</th>
                  <td class="number">${formatBytes(part.sizeBytes)}</td>
                  <td class="number">${formatPercent(used > 0 ? part.sizeBytes / used : 0)}</td>
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  #parts(report: StorageReport): Part[] {
    const names = new Map(this.#models.store?.list?.models.map((model) => [model.id, model.name]));
    const models = report.models.map(
      (model): Part => ({ name: names.get(model.id) ?? model.id, sizeBytes: model.sizeBytes, kind: 'model' }),
    );
    const known = models.reduce((sum, part) => sum + part.sizeBytes, report.unfinishedBytes);
    const rest = Math.max(0, (report.usageBytes ?? 0) - known);
    return [
      ...models,
      { name: msg('Unfinished downloads'), sizeBytes: report.unfinishedBytes, kind: 'unfinished' },
      { name: msg('The app, documents and overhead'), sizeBytes: rest, kind: 'rest' },
    ].filter((part) => part.sizeBytes > 0);
  }

  #caption(used: number, report: StorageReport): string {
    if (report.quotaBytes === undefined) return msg(str`${formatBytes(used)} used. The browser does not tell how much it allows.`);
    return msg(str`${formatBytes(used)} used of ${formatBytes(report.quotaBytes)} that the browser allows`);
  }
}

/** Changes when what is stored changes, not with every step of a download. */
const installedKey = (models: readonly { readonly id: string; readonly state: string }[] | undefined): string =>
  models?.map((model) => `${model.id}:${model.state}`).join(' ') ?? '';

declare global {
  interface HTMLElementTagNameMap {
    'sill-disk-use': SillDiskUse;
  }
}
