import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ErrorCode, ErrorData } from '../../core/errors.ts';
import { SillElement } from '../element.ts';
import { errorWords, isLocked } from '../errors.ts';
import { routeHref } from '../routes.ts';
import { facts } from '../styles/facts.ts';
import { shared } from '../styles/shared.ts';
import { sectionHref } from '../view-sections.ts';

/** Codes whose own message names what to correct. */
const TELLING: ReadonlySet<ErrorCode> = new Set(['invalid_request', 'invalid_suite', 'unsupported_device', 'internal']);

/**
 * A failure in words: what happened, what to do, and on demand what the engine said.
 *
 * @slot - buttons that act on it
 */
@customElement('sill-error')
export class SillErrorNote extends SillElement {
  static override styles = [
    shared,
    facts,
    css`
      .note {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--sill-space-4) var(--sill-space-12);
        padding: var(--sill-space-14) var(--sill-space-16);
        border: 1px solid var(--wa-color-danger-border-quiet);
        border-radius: var(--sill-radius);
        background: var(--wa-color-danger-fill-quiet);
        color: var(--wa-color-text-normal);
      }
      .note.mild {
        border-color: var(--wa-color-warning-border-quiet);
        background: var(--wa-color-warning-fill-quiet);
      }
      wa-icon {
        margin-top: var(--sill-icon-drop);
        font-size: var(--sill-icon-m);
        color: var(--wa-color-danger-on-quiet);
      }
      .mild wa-icon {
        color: var(--wa-color-warning-on-quiet);
      }
      .words {
        display: grid;
        gap: var(--sill-space-6);
      }
      .title {
        font-weight: 650;
      }
      summary {
        cursor: pointer;
        width: fit-content;
        font-size: var(--wa-font-size-s);
      }
      .said {
        margin-top: var(--sill-space-6);
        font-size: var(--wa-font-size-s);
        overflow-wrap: anywhere;
      }
      .facts {
        margin-top: var(--sill-space-6);
      }
      .locked {
        display: flex;
        gap: var(--sill-space-12);
      }
      .locked wa-icon {
        color: inherit;
      }
      slot::slotted(*) {
        justify-self: start;
        margin-top: var(--sill-space-6);
      }
    `,
  ];

  @property({ attribute: false }) error?: ErrorData;
  /** A warning: the rest of the view works. */
  @property({ type: Boolean }) mild = false;

  override render() {
    if (!this.error) return nothing;
    const { title, advice } = errorWords(this.error);
    const { id } = this.error.details ?? {};
    const details = Object.entries(this.error.details ?? {});
    if (isLocked(this.error))
      return html`<p class="card locked" role="status"><wa-icon name="lock"></wa-icon><span>${title}. ${advice} <a href=${sectionHref('device', 'kiosk')}>${msg('The PIN is asked for in Device')}</a></span></p>`;
    return html`
      <div class=${this.mild ? 'note mild' : 'note'} role=${this.mild ? 'status' : 'alert'}>
        <wa-icon name=${this.mild ? 'warning' : 'error'}></wa-icon>
        <div class="words">
          <p class="title">${title}</p>
          <p>${advice}</p>
          <details ?open=${TELLING.has(this.error.code)}>
            <summary>${msg('Details')}</summary>
            <p class="said" lang="en">${this.error.message}</p>
            <dl class="facts">
              <dt>${msg('Code')}</dt>
              <dd class="code">${this.error.code}</dd>
              ${details.map(([name, value]) => html`<dt>${name}</dt><dd class="code">${Array.isArray(value) ? value.join(', ') : value}</dd>`)}
            </dl>
          </details>
          ${this.error.code === 'installation_damaged' && typeof id === 'string' ? this.#repair(id) : nothing}
          ${this.error.code === 'model_not_installed' && typeof id === 'string' ? html`<p><a href=${routeHref('models', { words: id })}>${msg(str`Find ${id} in Models`)}</a></p>` : nothing}
          ${this.error.code === 'quota_exceeded' ? this.#freeSpace() : nothing}
          <slot></slot>
        </div>
      </div>
    `;
  }

  #freeSpace() {
    const { neededBytes, sizeBytes, id } = this.error?.details ?? {};
    const bytes = Math.max(...[neededBytes, sizeBytes].map((size) => (typeof size === 'number' ? size : 0)));
    if (bytes === 0) return nothing;
    void import('../disk/free-space.ts');
    return html`<sill-free-space .bytes=${bytes} .keep=${typeof id === 'string' ? id : undefined}></sill-free-space>`;
  }

  /** On demand: this note is part of the first load, and damage is rare. */
  #repair(model: string) {
    void import('./model-repair.ts');
    return html`<sill-repair model=${model}></sill-repair>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-error': SillErrorNote;
  }
}
