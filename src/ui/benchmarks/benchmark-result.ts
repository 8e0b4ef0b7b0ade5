import { figureStyles } from '../styles/figures.ts';
import '../elements/error-note.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { type BenchmarkResult, type Figure, faultsOf } from '../../core/benchmark/result.ts';
import { shortRevision } from '../../core/ids.ts';
import { SillElement } from '../element.ts';
import { metric, metricStyles } from '../elements/metrics.ts';
import { errorWords } from '../errors.ts';
import { formatBytes, formatDate, formatDuration, formatNumber } from '../format.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import {
  browserWords,
  faultWords,
  figureLabel,
  formatDeviation,
  formatValue,
  placeLabel,
  presetWords,
  slopeWords,
  stateWords,
  timedWords,
} from './benchmark-words.ts';

/** One result: each figure with what was timed, whether it may be compared, and on what it was measured. */
@customElement('sill-benchmark-result')
export class SillBenchmarkResult extends SillElement {
  static override styles = [
    shared,
    marks,
    metricStyles,
    figureStyles,
    css`
      th,
      td {
        padding: var(--sill-space-8) var(--sill-space-16) var(--sill-space-8) 0;
        text-align: end;
        vertical-align: top;
        font-weight: 400;
        white-space: nowrap;
      }
      :is(th, td):first-child {
        text-align: start;
        white-space: normal;
        min-width: 14rem;
      }
      tbody tr {
        border-top: 1px solid var(--wa-color-surface-border);
      }
      .name {
        font-weight: 600;
      }
      .timed {
        display: block;
        font-size: var(--wa-font-size-s);
        line-height: 1.4;
        color: var(--wa-color-text-quiet);
      }
      .mean {
        font-weight: 600;
      }
    `,
  ];

  @property({ attribute: false }) result!: BenchmarkResult;

  override render() {
    const { result } = this;
    const faults = faultsOf(result);
    return html`
      <article class="card" aria-label=${msg(str`Result ${result.number}: ${result.model.name}`)}>
        <div class="row spread">
          <h2>${result.model.name} <span class="quiet">${result.model.variant}</span></h2>
          <span class="row">
            <span class="mark">${result.source ?? presetWords(result.preset)}</span>
            ${faults.length === 0 ? html`<span class="mark active">${msg('comparable')}</span>` : html`<span class="mark warn">${msg('not comparable')}</span>`}
          </span>
        </div>
        ${faults.map((fault) => html`<p class="note warn"><wa-icon name="warning"></wa-icon><span>${faultWords(fault)}${fault === 'unfinished' ? ` (${stateWords(result.state)}${result.error ? `: ${errorWords(result.error).title}` : ''})` : ''}${fault === 'unfinished' && result.error ? html` <span class="quiet small" lang="en">${result.error.message}</span>` : nothing}</span></p>`)}
        ${result.figures.length > 0 ? this.#table() : html`<p class="quiet">${msg('Nothing was measured.')}</p>`}
        ${this.#facts()}
      </article>
    `;
  }

  #table() {
    return html`
      <div class="wide" tabindex="0" role="group" aria-label=${msg('Figures')}>
        <table>
          <thead>
            <tr>
              <th scope="col">${msg('What is timed')}</th>
              <th scope="col">${msg('Mean ± standard deviation')}</th>
              <th scope="col">${msg('Median')}</th>
              <th scope="col">p90</th>
              <th scope="col">p99</th>
              <th scope="col">n</th>
            </tr>
          </thead>
          <tbody>${this.result.figures.map((figure) => this.#row(figure))}</tbody>
        </table>
      </div>
    `;
  }

  #row(figure: Figure) {
    const { metric: what, count, mean, sd, median, p90, p99 } = figure;
    const cell = (value: number | undefined) => (value === undefined ? '–' : formatValue(what, value));
    return html`
      <tr>
        <th scope="row"><span class="name">${figureLabel(figure)}</span><span class="timed">${timedWords(what)}</span></th>
        <td><span class="mean">${formatValue(what, mean)}</span>${count > 1 ? html` <span class="quiet">± ${formatDeviation(what, mean, sd)}</span>` : nothing}</td>
        <td>${cell(median)}</td>
        <td>${cell(p90)}</td>
        <td>${cell(p99)}</td>
        <td>${count === 0 ? '–' : formatNumber(count)}</td>
      </tr>
    `;
  }

  #facts() {
    const { model, place, versions, startedAtMs, tookMs, peakMemoryBytes, memoryBytesPerMinute } = this.result;
    return html`
      <dl class="metrics">
        ${metric(msg('When'), html`<time datetime=${new Date(startedAtMs).toISOString()}>${formatDate(startedAtMs)}</time>`)}
        ${tookMs > 0 ? metric(msg('Took'), formatDuration(tookMs / 1000)) : nothing}
        ${metric(msg('Where'), placeLabel(this.result))}
        ${place.userAgent ? metric(msg('Browser'), browserWords(place.userAgent)) : nothing}
        ${model.revision ? metric(msg('Revision'), html`<code title=${model.revision}>${shortRevision(model.revision)}</code>`) : nothing}
        ${versions.onnxruntime ? metric(msg('Runtime'), `ONNX Runtime ${versions.onnxruntime}`) : nothing}
        ${place.isolated ? nothing : metric(msg('Isolation'), msg('none: one thread only'))}
        ${peakMemoryBytes === undefined ? nothing : metric(msg('Peak memory of the model'), formatBytes(peakMemoryBytes))}
        ${memoryBytesPerMinute === undefined ? nothing : metric(msg('Growth of memory'), slopeWords(memoryBytesPerMinute))}
      </dl>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-benchmark-result': SillBenchmarkResult;
  }
}
