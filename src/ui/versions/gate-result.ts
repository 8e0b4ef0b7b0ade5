import '../elements/compare-bars.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { GateResult } from '../../protocol/updateReports.ts';
import { SillElement } from '../element.ts';
import type { Compared } from '../elements/compare-bars.ts';
import { formatDuration, formatNumber, formatScore } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { assertionWords } from './refusal-words.ts';

/** What the trial of a version showed, against the one that was in use. */
@customElement('sill-gate-result')
export class SillGateResult extends SillElement {
  static override styles = [
    shared,
    css`
      summary {
        cursor: pointer;
        width: fit-content;
        font-size: var(--wa-font-size-s);
        color: var(--wa-color-text-quiet);
      }
      sill-compare-bars {
        max-width: 34rem;
        margin-top: var(--sill-space-6);
      }
      li,
      .said {
        margin-top: var(--sill-space-6);
        font-size: var(--wa-font-size-s);
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) gate!: GateResult;

  override render() {
    const { candidate, tookMs, why } = this.gate;
    const failed = candidate?.failedCases ?? [];
    return html`
      <sill-compare-bars
        label=${msg('What the test showed')}
        first=${msg('This version')}
        second=${msg('In use then')}
        .rows=${this.#rows()}
      ></sill-compare-bars>
      ${
        failed.length > 0
          ? html`
              <details>
                <summary>${msg('Cases that failed')}</summary>
                <ul>
                  ${failed.map(
                    (each) => html`
                      <li><code>${each.id}</code>: ${each.asserts
                        .filter(({ pass }) => !pass)
                        .map(assertionWords)
                        .join(' ')}</li>
                    `,
                  )}
                </ul>
              </details>
            `
          : nothing
      }
      ${why?.code === 'error' ? html`<details><summary>${msg('Details')}</summary><p class="said" lang="en">${why.error.message}</p></details>` : nothing}
      <p class="small quiet">${msg(str`Time of the test: ${formatDuration(tookMs / 1000)}`)}</p>
    `;
  }

  #rows(): Compared[] {
    const { candidate, active } = this.gate;
    const row = (name: string, first: number | undefined, second: number | undefined, format: Compared['format']): Compared[] =>
      first === undefined && second === undefined
        ? []
        : [{ name, format, ...(first === undefined ? {} : { first }), ...(second === undefined ? {} : { second }) }];
    return [
      ...row(msg('Score'), candidate?.score, active?.score, formatScore),
      ...row(msg('Tokens per second'), candidate?.decodeTokensPerSecond, active?.decodeTokensPerSecond, (value) => formatNumber(value, 1)),
      ...row(msg('Time for the same'), candidate?.latencyMs, active?.latencyMs, (value) => formatDuration(value / 1000)),
    ];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-gate-result': SillGateResult;
  }
}
