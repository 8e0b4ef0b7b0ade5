import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import { type ContextFit, fitContext, tokensPerLetter } from '../../core/chat/contextFit.ts';
import type { Head, Message } from '../../core/chat/conversation.ts';
import { SillElement } from '../element.ts';
import { formatNumber, plural } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { track } from '../styles/track.ts';

/** What of a branch the model will see with the next message, as far as that can be told before. */
export function nextFit(head: Head, path: readonly Message[], draft: string, contextLength: number | undefined): ContextFit {
  const next: Message = { id: 'draft', role: 'user', text: draft, createdAtMs: 0 };
  const answerTokens = head.parameters?.maxTokens ?? contextLength ?? 0;
  return fitContext([...path, next], {
    system: head.system,
    contextLength,
    answerTokens,
    tokensPerLetter: tokensPerLetter(path, head.system),
  });
}

/** How full the model's context is, and what of the conversation it will not see. */
@customElement('sill-context-meter')
export class SillContextMeter extends SillElement {
  static override styles = [
    shared,
    track,
    css`
      .meter {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 6rem;
        align-items: center;
        gap: 0.25rem 0.75rem;
        font-size: 0.8125rem;
        color: var(--wa-color-text-quiet);
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  @property({ attribute: false }) fit!: ContextFit;
  @property({ attribute: false }) contextLength: number | undefined;

  override render() {
    if (this.contextLength === undefined) return nothing;
    const { promptTokens, dropped } = this.fit;
    const share = Math.min(1, promptTokens / this.contextLength);
    const full = msg(str`Context: about ${formatNumber(promptTokens)} of ${formatNumber(this.contextLength)} tokens`);
    return html`
      <div class="meter">
        <p>
          ${full}${dropped > 0 ? html` · ${plural(dropped, msg('the first message no longer fits and is not sent'), msg(str`the first ${formatNumber(dropped)} messages no longer fit and are not sent`))}` : nothing}
        </p>
        <div class="track" aria-hidden="true"><span style=${styleMap({ width: `${Math.round(share * 100)}%` })}></span></div>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-context-meter': SillContextMeter;
  }
}
