import './gate-result.ts';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { shortRevision } from '../../core/ids.ts';
import type { HistoryEntry } from '../../protocol/updateReports.ts';
import { SillElement } from '../element.ts';
import { formatBytes, formatDate } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { gateFailureWords } from '../words.ts';
import { refusalWords } from './refusal-words.ts';
import { eventWords } from './version-words.ts';

const ICONS: Readonly<Record<HistoryEntry['event'], string>> = {
  installed: 'download',
  staged: 'download',
  activated: 'ok',
  rejected: 'error',
  'rolled-back': 'undo',
  pinned: 'pin',
  unpinned: 'pin',
  removed: 'trash',
};
/** So many lines are shown before a person asks for the rest. */
const SHOWN = 12;

/** What happened to a model on this device, newest first. */
@customElement('sill-version-history')
export class SillVersionHistory extends SillElement {
  static override styles = [
    shared,
    css`
      ol {
        display: grid;
      }
      li {
        position: relative;
        display: grid;
        grid-template-columns: 1.75rem minmax(0, 1fr);
        gap: 0 var(--sill-space-12);
        padding-bottom: var(--sill-space-20);
      }
      li:last-child {
        padding-bottom: 0;
      }
      /* The line that leads from one moment to the one before. */
      li:not(:last-child)::before {
        content: '';
        position: absolute;
        inset: 1.75rem auto 0 calc(0.875rem - 1px);
        width: 2px;
        background: var(--wa-color-surface-border);
      }
      .dot {
        display: grid;
        place-items: center;
        width: 1.75rem;
        height: 1.75rem;
        border-radius: 50%;
        background: var(--wa-color-neutral-fill-normal);
        color: var(--wa-color-neutral-on-normal);
        font-size: var(--sill-icon-s);
      }
      .activated .dot,
      .installed .dot {
        background: var(--wa-color-brand-fill-normal);
        color: var(--wa-color-brand-on-normal);
      }
      .rejected .dot {
        background: var(--wa-color-danger-fill-quiet);
        color: var(--wa-color-danger-on-quiet);
      }
      .what {
        display: grid;
        gap: var(--sill-space-4);
        padding-top: var(--sill-space-2);
        overflow-wrap: anywhere;
      }
      sill-gate-result {
        margin-top: var(--sill-space-4);
      }
    `,
  ];

  /** Oldest first, as the engine tells. */
  @property({ attribute: false }) history: readonly HistoryEntry[] = [];
  @property({ type: Boolean }) all = false;

  override render() {
    const newest = [...this.history].reverse();
    const shown = this.all ? newest : newest.slice(0, SHOWN);
    return html`
      <ol aria-label=${msg('History')}>${shown.map((line) => this.#line(line))}</ol>
      ${
        newest.length > shown.length
          ? html`<button class="link small" @click=${() => this.toggleAttribute('all', true)}>${msg('Show all')}</button>`
          : nothing
      }
    `;
  }

  #line(line: HistoryEntry) {
    const { event, revision, from, atMs, sizeBytes, reason, gate } = line;
    const why = gate?.why ? refusalWords(gate) : reason;
    return html`
      <li class=${event}>
        <span class="dot" aria-hidden="true"><wa-icon name=${ICONS[event]}></wa-icon></span>
        <div class="what">
          <p>
            <strong>${eventWords(event)}</strong> <code title=${revision}>${shortRevision(revision)}</code>${
              from && from !== revision && event !== 'staged' && event !== 'rejected'
                ? html` <span class="quiet">${msg('after')} <code title=${from}>${shortRevision(from)}</code></span>`
                : nothing
            }
          </p>
          <p class="small quiet figures">
            <time datetime=${new Date(atMs).toISOString()}>${formatDate(atMs)}</time>${sizeBytes === undefined ? nothing : html` · ${formatBytes(sizeBytes)}`}
          </p>
          ${gate?.failure ? html`<p class="small">${gateFailureWords(gate.failure)}</p>` : nothing}
          ${why ? html`<p class="small ${gate?.failure ? 'quiet' : ''}">${why}</p>` : nothing} ${gate ? html`<sill-gate-result .gate=${gate}></sill-gate-result>` : nothing}
        </div>
      </li>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-version-history': SillVersionHistory;
  }
}
