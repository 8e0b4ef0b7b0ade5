import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import type { AttachedFile } from '../../core/chat/attachment.ts';
import { type ContextFit, fitContext, tokensPerLetter } from '../../core/chat/contextFit.ts';
import type { Head, Message } from '../../core/chat/conversation.ts';
import { givenRoom, toldWhole, type WholeFit, wholeFit } from '../../core/chat/given.ts';
import { tokensFor } from '../../core/chat/room.ts';
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

export interface NextFit extends WholeFit {
  readonly fit: ContextFit;
  /** Tokens that passages may take beyond that; absent where none are looked for. */
  readonly passageTokens?: number;
}

/** As `nextFit`, of a message about these files, and about the documents of this device. */
export function nextFitAbout(
  head: Head,
  path: readonly Message[],
  { draft, files, documents }: { readonly draft: string; readonly files: readonly AttachedFile[]; readonly documents: boolean },
  contextLength: number | undefined,
): NextFit {
  const rate = tokensPerLetter(path, head.system);
  const answerTokens = head.parameters?.maxTokens ?? contextLength ?? 0;
  const roomTokens = givenRoom({ system: head.system, contextLength, answerTokens, tokensPerLetter: rate }, path.length === 0);
  const whole = wholeFit(draft, files, { roomTokens, rate, isAlone: !documents });
  const fit = nextFit(head, path, whole.isWhole ? toldWhole(draft, files) : draft, contextLength);
  const isSearched = documents || (files.length > 0 && !whole.isWhole);
  return { ...whole, fit, ...(isSearched ? { passageTokens: Math.max(0, roomTokens - tokensFor(draft.length, rate)) } : {}) };
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
        gap: var(--sill-space-4) var(--sill-space-12);
        font-size: var(--wa-font-size-s);
        color: var(--wa-color-text-quiet);
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  @property({ attribute: false }) fit!: ContextFit;
  @property({ attribute: false }) contextLength: number | undefined;
  /** Tokens that passages may take beyond that. */
  @property({ attribute: false }) passageTokens: number | undefined;

  override render() {
    if (this.contextLength === undefined) return nothing;
    const { promptTokens, dropped } = this.fit;
    const share = Math.min(1, promptTokens / this.contextLength);
    const full = msg(str`Context: about ${formatNumber(promptTokens)} of ${formatNumber(this.contextLength)} tokens`);
    return html`
      <div class="meter">
        <p>
          ${full}${this.passageTokens === undefined ? nothing : html` · ${msg(str`up to ${formatNumber(this.passageTokens)} more for passages`)}`}${dropped > 0 ? html` · ${plural(dropped, msg('the first message no longer fits and is not sent'), msg(str`the first ${formatNumber(dropped)} messages no longer fit and are not sent`))}` : nothing}
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
