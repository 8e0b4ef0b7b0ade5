import '../elements/compare-bars.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { recipeOf } from '../../core/widening.ts';
import type { ImportRecord } from '../../protocol/importReports.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { SillElement } from '../element.ts';
import { formatBytes, formatDate, formatDuration, formatList, formatNumber } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { sourceWords } from './import-words.ts';
import { matrixWords } from './layer-errors.ts';
import { useLink } from './use-link.ts';

/** What overflowed scored no number. */
const nats = (value: number): string => (Number.isFinite(value) ? formatNumber(value, 3) : '∞');

/** How well a model came out of its import: what it scored, what it takes, and where its weights differ. */
@customElement('sill-quality-report')
export class SillQualityReport extends SillElement {
  static override styles = [
    shared,
    css`
      article {
        display: grid;
        gap: var(--sill-space-16);
      }
      .what,
      .digest {
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) record!: ImportRecord;
  @property() name = '';
  /** As it is on the device now; undefined until that is known. */
  @property({ attribute: false }) model: ModelSummary | undefined;

  override render() {
    const { id, variant, source, sha256, recipe, sourceBytes, sizeBytes, scores, errors, wider, evened, tookMs, atMs } = this.record;
    return html`
      <article class="card" aria-label=${this.name}>
        <div>
          <h3>${this.name}</h3>
          <p class="what small quiet">
            <code>${id}</code> · <code>${variant}</code> · ${formatDate(atMs)}${tookMs === undefined ? nothing : html` · ${msg(str`made in ${formatDuration(tookMs / 1000)}`)}`}
          </p>
        </div>
        <sill-compare-bars
          label=${msg('What was made, beside what it was made of')}
          first=${msg('As it runs here')}
          second=${msg('As it came')}
          .rows=${[
            { name: msg('Nats a token of a text (fewer is better)'), first: scores.measured, second: scores.reference, format: nats },
            { name: msg('Size'), first: sizeBytes, second: sourceBytes, format: formatBytes },
          ]}
        ></sill-compare-bars>
        <p class="small">${this.#lossWords()}</p>
        ${this.#refused()} ${this.#wider()}
        <sill-layer-errors .errors=${errors}></sill-layer-errors>
        <details class="small">
          <summary>${msg('How it was made')}</summary>
          <p class="digest quiet">${sourceWords(source)} · ${sha256.map((digest) => html`<code>sha256:${digest}</code> `)} · <code>${recipeOf(recipe, wider, evened)}</code></p>
        </details>
        ${this.model ? html`<p>${useLink(this.model)}</p>` : nothing}
      </article>
    `;
  }

  #lossWords(): string {
    const { scores, stated } = this.record;
    const lost = scores.measured - scores.reference;
    if (stated)
      return lost <= 0
        ? msg('It foretells the text as well as its publisher measured before it was rewritten.')
        : msg(
            str`It foretells the text worse than its publisher measured before it was rewritten, by ${nats(lost)} nats; up to ${nats(scores.bound)} are accepted.`,
          );
    return lost <= 0
      ? msg('It foretells the text as well as 8-bit blocks of the same weights do.')
      : msg(
          str`It foretells the text worse than 8-bit blocks of the same weights by ${nats(lost)} nats; up to ${nats(scores.bound)} are accepted.`,
        );
  }

  /** Which forms were tried first, and why they are not the one that runs. */
  #refused() {
    const { refused: all = [], variant: last } = this.record;
    return all.map((refused, index) => {
      const { reference, measured, bound } = refused.scores;
      const variant = all[index + 1]?.variant ?? last;
      return html`
        <p class="small">
          ${msg(
            str`First it was made as ${refused.variant}, which foretold the text with ${nats(measured)} nats a token, where ${nats(reference + bound)} are accepted. So it became ${variant}.`,
          )}
        </p>
      `;
    });
  }

  /** Which matrices are larger than the others, and what that won. */
  #wider() {
    const { wider = [], tries: all = [], evened } = this.record;
    // Those of the other way, with its channels evened or not, are no measure of this one.
    const tries = all.filter((each) => Boolean(each.evened) === Boolean(evened));
    if (wider.length === 0) return nothing;
    return html`
      <p class="small">
        ${
          tries.length > 0
            ? msg(
                str`These lost most and are kept in more bits, because it needed ${formatList(tries.map(({ measured }) => nats(measured)))} nats a token before: ${formatList(wider.map(matrixWords))}.`,
              )
            : msg(str`These lost much more than the others and are kept in more bits: ${formatList(wider.map(matrixWords))}.`)
        }
      </p>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-quality-report': SillQualityReport;
  }
}
