import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { LogEvent } from '../../core/log.ts';
import { SillElement } from '../element.ts';
import { formatMoment } from '../format.ts';
import { routeHref } from '../routes.ts';
import { facts } from '../styles/facts.ts';
import { shared } from '../styles/shared.ts';
import { eventWords, levelWords, subjectWords } from './log-words.ts';

/**
 * One line of the log, whole.
 *
 * @fires sill-close
 */
@customElement('sill-log-event')
export class SillLogEvent extends SillElement {
  static override styles = [
    shared,
    facts,
    css`
      .stack {
        gap: var(--sill-space-12);
      }
      .row {
        flex-wrap: nowrap;
        align-items: start;
      }
    `,
  ];

  @property({ attribute: false }) event!: LogEvent;

  override render() {
    const { id, atMs, level, subject, code, model, details } = this.event;
    return html`
      <article class="card stack" aria-label=${msg(str`Line ${id}`)}>
        <div class="row spread">
          <h2>${eventWords(code)}</h2>
          <wa-button size="s" appearance="plain" @click=${() => this.emit('sill-close')}>
            <wa-icon name="xmark" label=${msg('Close')}></wa-icon>
          </wa-button>
        </div>
        <dl class="facts figures">
          <dt>${msg('When')}</dt>
          <dd><time datetime=${new Date(atMs).toISOString()}>${formatMoment(atMs)}</time></dd>
          <dt>${msg('Level')}</dt>
          <dd>${levelWords(level)}</dd>
          <dt>${msg('About')}</dt>
          <dd>${subjectWords(subject)}</dd>
          <dt>${msg('Code')}</dt>
          <dd class="code">${code}</dd>
          ${
            model
              ? html`<dt>${msg('Model')}</dt>
                  <dd><a class="code" href=${routeHref('versions', { model })}>${model}</a></dd>`
              : nothing
          }
          ${Object.entries(details).map(
            ([name, value]) => html`<dt class="code">${name}</dt>
              <dd class="code">${Array.isArray(value) ? value.join(', ') : String(value)}</dd>`,
          )}
        </dl>
      </article>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-log-event': SillLogEvent;
  }
}
