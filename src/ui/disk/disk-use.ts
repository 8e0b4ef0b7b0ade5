import { msg, str } from '@lit/localize';
import { html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import type { StorageReport } from '../../protocol/storageReports.ts';
import { SillElement } from '../element.ts';
import { formatBytes, formatPercent } from '../format.ts';
import { sectionTitle } from '../section-words.ts';
import { shared } from '../styles/shared.ts';
import { diskUseStyles } from './disk-use.styles.ts';

interface Part {
  readonly name: string;
  readonly sizeBytes: number;
  readonly kind: 'model' | 'shared' | 'unfinished' | 'runtime' | 'app' | 'documents' | 'rest';
}

/** What Sill takes of the device: one bar of what is used, and the same as a table. */
@customElement('sill-disk-use')
export class SillDiskUse extends SillElement {
  static override styles = [shared, diskUseStyles];

  @property({ attribute: false }) report!: StorageReport;

  override render() {
    const parts = partsOf(this.report);
    const used = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    const { quotaBytes } = this.report;
    return html`
      <section aria-label=${sectionTitle('storage', 'disk')}>
        <h2>${sectionTitle('storage', 'disk')}</h2>
        <div class="card">
          <figure>
            <div class="bar" aria-hidden="true">
              ${parts.map(
                (part, index) =>
                  html`<span class="${part.kind} tone-${index % 4}" style=${styleMap({ 'flex-grow': String(part.sizeBytes) })}></span>`,
              )}
            </div>
            <figcaption class="small quiet figures">${caption(used, quotaBytes)}</figcaption>
            ${
              quotaBytes === undefined || quotaBytes === 0
                ? ''
                : html`<div class="quota" aria-hidden="true">
                    <span style=${styleMap({ width: `${Math.min(100, (used / quotaBytes) * 100)}%` })}></span>
                  </div>`
            }
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
      </section>
    `;
  }
}

/** Each byte once: what several revisions need is a part of its own. */
function partsOf(report: StorageReport): Part[] {
  const own = new Map<string, Part>();
  for (const { id, name, ownBytes } of report.models) {
    own.set(id, { name, kind: 'model', sizeBytes: (own.get(id)?.sizeBytes ?? 0) + ownBytes });
  }
  const models = [...own.values()].sort((a, b) => b.sizeBytes - a.sizeBytes);
  const sharedBytes = report.modelBytes - models.reduce((sum, part) => sum + part.sizeBytes, 0);
  const known =
    report.modelBytes + report.unfinishedBytes + report.runtimeBytes + report.shellBytes + report.documentBytes + report.derivedBytes;
  return [
    ...models,
    { name: msg('Shared by versions or models'), sizeBytes: sharedBytes, kind: 'shared' },
    { name: msg('Unfinished downloads'), sizeBytes: report.unfinishedBytes, kind: 'unfinished' },
    { name: msg('Kept instructions'), sizeBytes: report.derivedBytes, kind: 'app' },
    { name: msg('Model runtime'), sizeBytes: report.runtimeBytes, kind: 'runtime' },
    { name: msg('The app'), sizeBytes: report.shellBytes, kind: 'app' },
    { name: msg('Documents'), sizeBytes: report.documentBytes, kind: 'documents' },
    { name: msg('Overhead of the browser'), sizeBytes: Math.max(0, (report.usageBytes ?? 0) - known), kind: 'rest' },
  ].filter((part): part is Part => part.sizeBytes > 0);
}

function caption(used: number, quotaBytes: number | undefined): string {
  if (quotaBytes === undefined) return msg(str`${formatBytes(used)} used. The browser does not tell how much it allows.`);
  return msg(str`${formatBytes(used)} used of ${formatBytes(quotaBytes)} that the browser allows`);
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-disk-use': SillDiskUse;
  }
}
