import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { AssertionResult } from '../../core/assertions.ts';
import { perplexityOf } from '../../core/assertions.ts';
import { isSampled } from '../../core/caseSampling.ts';
import type { EvaluationCase } from '../../core/evaluation.ts';
import type { EvaluationCaseResult } from '../../core/evaluationRun.ts';
import { SillElement } from '../element.ts';
import { formatDuration, formatNumber, formatScore } from '../format.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { assertionWords } from '../versions/refusal-words.ts';
import { tokensWords } from '../words.ts';
import { heldWords, samplingWords } from './evaluation-words.ts';
import { diffStyles, wordDiff } from './word-diff.ts';

/** Assertions that want a text of a certain wording, which a difference word by word explains. */
const WORDED: ReadonlySet<AssertionResult['type']> = new Set(['equals', 'levenshtein', 'rouge-n', 'similar']);

/** One case: what was asked, what came, and of each assertion whether it holds; opened on demand. */
@customElement('sill-case-result')
export class SillCaseResult extends SillElement {
  static override styles = [
    shared,
    marks,
    diffStyles,
    css`
      summary {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--sill-space-4) var(--sill-space-12);
        min-height: 44px;
        cursor: pointer;
        font-size: var(--wa-font-size-s);
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary > wa-icon {
        color: var(--wa-color-text-quiet);
        transition: rotate 120ms;
      }
      details[open] > summary > wa-icon {
        rotate: 90deg;
      }
      @media (prefers-reduced-motion: reduce) {
        summary > wa-icon {
          transition: none;
        }
      }
      summary .id {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      summary .score {
        margin-inline-start: auto;
      }
      summary .why {
        flex: 1 1 16rem;
        min-width: 0;
        color: var(--wa-color-text-quiet);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .inside {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--sill-space-12);
        padding: var(--sill-space-4) 0 var(--sill-space-16);
      }
      .label {
        margin-bottom: var(--sill-space-4);
        font-size: var(--wa-font-size-s);
        font-weight: 500;
        color: var(--wa-color-text-quiet);
      }
      .text {
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        font-size: var(--wa-font-size-s);
        padding: var(--sill-space-8) var(--sill-space-12);
        border-radius: var(--wa-border-radius-m);
        background: var(--wa-color-neutral-fill-quiet);
        max-height: 20rem;
        overflow: auto;
      }
      ul {
        display: grid;
        gap: var(--sill-space-8);
        font-size: var(--wa-font-size-s);
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0 var(--sill-space-8);
        overflow-wrap: anywhere;
      }
      li wa-icon {
        margin-top: var(--sill-space-4);
      }
      .held wa-icon {
        color: var(--wa-color-success-on-quiet);
      }
      .broken wa-icon {
        color: var(--wa-color-danger-on-quiet);
      }
      li .diff {
        grid-column: 2;
        margin-top: var(--sill-space-4);
      }
    `,
  ];

  @property({ attribute: false }) result!: EvaluationCaseResult;
  /** What a comparison says of it. */
  @property() change = '';
  /** In the other run, where two are compared. */
  @property({ attribute: false }) earlier: EvaluationCaseResult | undefined;
  @state() private open = false;

  override render() {
    const { asked, pass, score, asserts } = this.result;
    const broken = asserts.find((it) => !it.pass && it.weight > 0);
    return html`
      <details @toggle=${this.#onToggle}>
        <summary>
          <wa-icon name="chevron-right"></wa-icon>
          <span class="mark ${pass ? 'active' : 'bad'}">${pass ? msg('passed') : msg('failed')}</span>
          <span class="id">${asked.id}</span>
          ${this.change ? html`<span class="mark warn">${this.change}</span>` : nothing}
          ${broken ? html`<span class="why">${assertionWords(broken)}</span>` : nothing}
          <span class="quiet figures score">${formatScore(score)}</span>
        </summary>
        ${this.open ? this.#inside() : nothing}
      </details>
    `;
  }

  #inside() {
    const { asked, output, asserts, latencyMs, completionTokens, texts = [] } = this.result;
    return html`
      <div class="inside">
        ${asked.prompt === undefined ? nothing : this.#text(msg('Prompt'), asked.prompt)}
        ${(asked.messages ?? []).map(({ role, content }) => this.#text(roleWords(role), content))}
        ${output === undefined ? nothing : this.#text(msg('Answer'), output)}
        ${output !== undefined && isSampled(asked) ? html`<p class="small quiet figures">${samplingWords(asked)}</p>` : nothing}
        ${
          this.earlier?.output === undefined || output === undefined || this.earlier.output === output
            ? nothing
            : html`<div><p class="label">${msg('Difference from the answer of the first run')}</p>${wordDiff(this.earlier.output, output)}</div>`
        }
        <div>
          <p class="label">${msg('Assertions')}</p>
          <ul>${asserts.map((it, i) => this.#assertion(it, asked.assert[i], output ?? ''))}</ul>
        </div>
        ${texts.map((it) => html`<p class="small quiet figures">${msg(str`Perplexity ${formatNumber(perplexityOf(it), 3)} over ${tokensWords(it.tokens)}.`)}</p>`)}
        ${latencyMs === undefined ? nothing : html`<p class="small quiet figures">${msg(str`${tokensWords(completionTokens ?? 0)} in ${formatDuration(latencyMs / 1000)}.`)}</p>`}
      </div>
    `;
  }

  #text(title: string, text: string) {
    return html`<div><p class="label">${title}</p><p class="text" tabindex="0" role="group" aria-label=${title}>${text === '' ? msg('(nothing)') : text}</p></div>`;
  }

  #assertion(it: AssertionResult, asked: EvaluationCase['assert'][number] | undefined, output: string) {
    const wanted = asked && 'value' in asked && typeof asked.value === 'string' ? asked.value : undefined;
    const isDrawn = !it.pass && wanted !== undefined && WORDED.has(it.type);
    const weight = it.weight === 1 ? nothing : html` <span class="quiet">${msg(str`weight ${formatNumber(it.weight, 2)}`)}</span>`;
    return html`
      <li class=${it.pass ? 'held' : 'broken'}>
        <wa-icon name=${it.skipped ? 'absent' : it.pass ? 'ok' : 'circle-xmark'} label=${it.skipped ? msg('not judged') : it.pass ? msg('holds') : msg('does not hold')}></wa-icon>
        <span><code>${it.type}</code>${weight} ${it.pass || isDrawn ? heldWords(it, isDrawn) : assertionWords(it)}</span>
        ${isDrawn ? wordDiff(wanted, output) : nothing}
      </li>
    `;
  }

  #onToggle(event: Event): void {
    this.open = (event.target as HTMLDetailsElement).open;
  }
}

const roleWords = (role: 'system' | 'user' | 'assistant'): string =>
  ({ system: msg('System'), user: msg('User'), assistant: msg('Assistant') })[role];

declare global {
  interface HTMLElementTagNameMap {
    'sill-case-result': SillCaseResult;
  }
}
