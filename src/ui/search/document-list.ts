import '../elements/error-note.ts';
import '../elements/progress-line.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { DocumentSummary } from '../../protocol/engineReports.ts';
import { SillElement } from '../element.ts';
import { formatBytes, formatDate, formatNumber, plural } from '../format.ts';
import { shared } from '../styles/shared.ts';

/**
 * The documents that can be searched.
 *
 * @fires sill-remove with the document's id as detail
 */
@customElement('sill-document-list')
export class SillDocumentList extends SillElement {
  static override styles = [
    shared,
    css`
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--sill-space-2) var(--sill-space-12);
        padding-block: var(--sill-space-8);
      }
      li + li {
        border-top: 1px solid var(--wa-color-surface-border);
      }
      .icon {
        font-size: var(--sill-icon-m);
        color: var(--wa-color-text-quiet);
      }
      .name {
        font-weight: 500;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .outdated {
        grid-column: 2 / -1;
        font-size: var(--wa-font-size-s);
      }
    `,
  ];

  @property({ attribute: false }) documents: readonly DocumentSummary[] = [];
  /** They are not to be removed. */
  @property({ type: Boolean }) fixed = false;

  override render() {
    if (this.documents.length === 0) return html`<p class="quiet small">${msg('No documents yet.')}</p>`;
    return html`<ul aria-label=${msg('Documents')}>${this.documents.map((document) => this.#item(document))}</ul>`;
  }

  #remove({ id, name }: DocumentSummary) {
    return html`
      <wa-button
        size="s"
        appearance="plain"
        title=${msg('Remove')}
        @click=${() => this.dispatchEvent(new CustomEvent('sill-remove', { detail: id }))}
      >
        <wa-icon name="trash" label=${msg(str`Remove ${name}`)}></wa-icon>
      </wa-button>
    `;
  }

  #item(document: DocumentSummary) {
    return html`
      <li>
        <wa-icon class="icon" name=${document.outdated ? 'warning' : 'file'}></wa-icon>
        <div>
          <p class="name" title=${document.name}>${document.name}</p>
          <p class="quiet small figures" title=${formatDate(document.addedAtMs)}>
            ${plural(document.passages, msg('1 passage'), msg(str`${formatNumber(document.passages)} passages`))} · ${formatBytes(document.sizeBytes)}
          </p>
        </div>
        ${this.fixed ? nothing : this.#remove(document)}
        ${document.outdated ? html`<p class="outdated">${msg('Read by another version of the model, so it is not found: remove it and add it again.')}</p>` : nothing}
      </li>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-document-list': SillDocumentList;
  }
}
