import '../write/write-settings.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Head, Parameters } from '../../core/chat/conversation.ts';
import { SillElement } from '../element.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { DEFAULT_SETTINGS, type Settings } from '../write/sampling.ts';
import { writing } from './chat.styles.ts';

/**
 * What the model is told before a conversation, and how it chooses its words.
 *
 * @fires sill-system with the instructions as detail
 * @fires sill-parameters with them as detail; undefined where the model's own hold
 */
@customElement('sill-chat-settings')
export class SillChatSettings extends SillElement {
  static override styles = [
    shared,
    fields,
    writing,
    css`
      details[open] > summary {
        margin-bottom: var(--sill-space-16);
      }
      summary {
        cursor: pointer;
        min-height: 1.75rem;
        font-weight: 600;
        font-size: var(--wa-font-size-s);
      }
      summary .quiet {
        font-weight: 400;
      }
      .card {
        padding: var(--sill-space-12) var(--sill-space-16);
      }
      /* Shut, it is a line: an empty card before every conversation says nothing. */
      details:not([open]) {
        padding: 0;
        border-color: transparent;
        background: none;
      }
      @media (max-width: 50rem) {
        summary {
          min-height: 44px;
          line-height: 44px;
        }
        .check {
          min-height: 44px;
        }
      }
    `,
  ];

  @property({ attribute: false }) head!: Head;
  @property({ attribute: false }) contextLength: number | undefined;

  override render() {
    const { system, parameters } = this.head;
    return html`
      <details class="card">
        <summary>
          ${msg('Instructions and settings')}
          ${system || parameters ? html`<span class="quiet">· ${[system ? msg('with instructions') : '', parameters ? msg('own settings') : ''].filter(Boolean).join(', ')}</span>` : nothing}
        </summary>
        <div class="stack">
          <div class="field">
            <label for="system">${msg('Instructions')}</label>
            <textarea
              id="system"
              rows="3"
              placeholder=${msg('What the model is told before the conversation, for example: “Answer briefly.”')}
              .value=${system}
              @change=${this.#onSystem}
            ></textarea>
          </div>
          <label class="check">
            <input type="checkbox" .checked=${parameters !== undefined} @change=${this.#onOwn} />
            ${msg('Set how it chooses its words, in place of what the model says itself')}
          </label>
          ${
            parameters
              ? html`<sill-write-settings .settings=${parameters} .contextLength=${this.contextLength} @sill-settings=${this.#onSettings}></sill-write-settings>`
              : nothing
          }
        </div>
      </details>
    `;
  }

  #onSystem(event: Event): void {
    this.emit('sill-system', (event.target as HTMLTextAreaElement).value.trim());
  }

  #onOwn(event: Event): void {
    const parameters: Parameters | undefined = (event.target as HTMLInputElement).checked ? DEFAULT_SETTINGS : undefined;
    this.emit('sill-parameters', parameters);
  }

  #onSettings(event: CustomEvent<Settings>): void {
    event.stopPropagation();
    this.emit('sill-parameters', event.detail);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-settings': SillChatSettings;
  }
}
