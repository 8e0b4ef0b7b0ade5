import '@awesome.me/webawesome/dist/components/copy-button/copy-button.js';
import './label-bars.ts';
import './marked-text.ts';
import './run-picture.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Task } from '../../core/tasks.ts';
import type { Answer, Detection, Entity, Label, PageInput, Pixels, PlainTensor, RunResult, Segment } from '../../protocol/tasks.ts';
import { SillElement } from '../element.ts';
import { formatList, formatNumber, formatScore } from '../format.ts';
import { colourOf, coloursOf } from '../styles/series-colours.ts';
import { shared } from '../styles/shared.ts';
import { wavOf } from './wav.ts';

/** How many numbers of a vector are shown: what it is for is computing, not reading. */
const SHOWN_NUMBERS = 8;

/** What a task gave, drawn as suits it. */
@customElement('sill-run-result')
export class SillRunResult extends SillElement {
  static override styles = [
    shared,
    css`
      .text {
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .row {
        align-items: start;
        flex-wrap: nowrap;
      }
      .row .text {
        flex: 1;
      }
      audio {
        width: 100%;
      }
    `,
  ];

  @property({ attribute: false }) result!: RunResult<Task>;
  /** What it was asked about. */
  @property({ attribute: false }) input!: PageInput;
  #sound: { readonly of: RunResult<Task>; readonly url: string } | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#forgetSound();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('result') && this.#sound?.of !== this.result) this.#forgetSound();
  }

  override render(): TemplateResult {
    const { result } = this;
    switch (result.task) {
      case 'text-generation':
      case 'text2text-generation':
      case 'image-to-text':
        return words(result.output.generated_text);
      case 'summarization':
        return words(result.output.summary_text);
      case 'translation':
        return words(result.output.translation_text);
      case 'automatic-speech-recognition':
        return words(result.output.text);
      case 'document-question-answering':
        return words(result.output.answer ?? msg('The model found no answer.'));
      case 'text-classification':
      case 'zero-shot-classification':
      case 'image-classification':
      case 'zero-shot-image-classification':
      case 'audio-classification':
      case 'zero-shot-audio-classification':
        return labels(result.output);
      case 'fill-mask':
        return html`<sill-label-bars label=${msg('What may stand there')} .items=${result.output.map(({ sequence: label, score }) => ({ label, score }))}></sill-label-bars>`;
      case 'token-classification':
        return this.#entities(result.output);
      case 'question-answering':
        return this.#answers(result.output);
      case 'object-detection':
      case 'zero-shot-object-detection':
        return this.#detections(result.output);
      case 'image-segmentation':
        return this.#segments(result.output);
      case 'background-removal':
      case 'image-to-image':
        return picture(result.output, msg('The picture that the model made'));
      case 'depth-estimation':
        return picture(result.output.depth, msg('Depth of the picture: the largest values are white'));
      case 'feature-extraction':
      case 'image-feature-extraction':
        return numbers(result.output);
      case 'text-to-audio':
        return html`<audio controls src=${this.#soundOf(result)} aria-label=${msg('What the model said')}></audio>`;
    }
  }

  #entities(entities: readonly Entity[]): TemplateResult {
    const text = typeof this.input === 'string' ? this.input : '';
    const marks = entities.flatMap(({ start, end, label }) => (start === undefined || end === undefined ? [] : [{ start, end, label }]));
    const lost = entities.filter(({ start }) => start === undefined);
    return html`
      <div class="stack">
        <sill-marked-text .text=${text} .marks=${marks}></sill-marked-text>
        ${entities.length === 0 ? html`<p class="quiet">${msg('Nothing was found.')}</p>` : nothing}
        ${lost.length === 0 ? nothing : html`<p class="small">${msg(str`Not found again in the text: ${formatList(lost.map(({ word, label }) => `${word} (${label})`))}`)}</p>`}
      </div>
    `;
  }

  #answers(answers: readonly Answer[]): TemplateResult {
    const context = typeof this.input === 'object' && 'context' in this.input ? this.input.context : '';
    const [best] = answers;
    const marks = best?.start === undefined || best.end === undefined ? [] : [{ start: best.start, end: best.end, label: '' }];
    return html`
      <div class="stack">
        <sill-label-bars label=${msg('Answers')} .items=${answers.map(({ answer: label, score }) => ({ label, score }))}></sill-label-bars>
        <sill-marked-text .text=${context} .marks=${marks}></sill-marked-text>
      </div>
    `;
  }

  #detections(detections: readonly Detection[]): TemplateResult {
    const colours = coloursOf(detections.map(({ label }) => label));
    const boxes = detections.map(({ box, label }) => ({ box, label, colour: colours.get(label) ?? colourOf(0) }));
    const items = detections.map(({ label, score }) => ({ label, score, colour: colours.get(label) }));
    return this.#overPicture(
      items,
      html`<sill-run-picture .picture=${this.#picture} .boxes=${boxes} label=${seen(detections)}></sill-run-picture>`,
    );
  }

  #segments(segments: readonly Segment[]): TemplateResult {
    const named = segments.map(({ label, ...rest }) => ({ ...rest, label: label ?? msg('What stands out') }));
    const masks = named.map(({ mask }, index) => ({ mask, colour: colourOf(index) }));
    const items = named.map(({ label, score }, index) => ({ label, score: score ?? undefined, colour: colourOf(index) }));
    return this.#overPicture(
      items,
      html`<sill-run-picture .picture=${this.#picture} .masks=${masks} label=${seen(named)}></sill-run-picture>`,
    );
  }

  #overPicture(items: SillRunResultItems, drawn: TemplateResult): TemplateResult {
    return html`<div class="stack">${drawn}<sill-label-bars label=${msg('What was found')} .items=${items}></sill-label-bars></div>`;
  }

  get #picture(): Blob | Pixels | undefined {
    const image = typeof this.input === 'object' && 'image' in this.input ? this.input.image : undefined;
    return image instanceof ImageBitmap ? undefined : image;
  }

  #soundOf(result: RunResult<'text-to-audio'>): string {
    const { audio, sampling_rate } = result.output;
    this.#sound ??= { of: result, url: URL.createObjectURL(wavOf(audio, sampling_rate)) };
    return this.#sound.url;
  }

  #forgetSound(): void {
    if (this.#sound) URL.revokeObjectURL(this.#sound.url);
    this.#sound = undefined;
  }
}

type SillRunResultItems = HTMLElementTagNameMap['sill-label-bars']['items'];

const seen = (things: ReadonlyArray<{ readonly label: string }>): string =>
  things.length === 0
    ? msg('Your picture; nothing was found in it')
    : msg(str`Your picture, and in it: ${formatList(things.map(({ label }) => label))}`);

const labels = (items: readonly Label[]): TemplateResult =>
  html`<sill-label-bars label=${msg('Labels')} .items=${items}></sill-label-bars>`;

const picture = (pixels: Pixels, label: string): TemplateResult =>
  html`<sill-run-picture .picture=${pixels} label=${label} saveAs="picture.png"></sill-run-picture>`;

const words = (text: string): TemplateResult => html`
  <div class="row">
    <p class="text">${text === '' ? msg('The model wrote nothing.') : text}</p>
    <wa-copy-button .value=${text} copy-label=${msg('Copy text')} success-label=${msg('Copied')} error-label=${msg('Could not copy')}></wa-copy-button>
  </div>
`;

function numbers({ dims, data }: PlainTensor): TemplateResult {
  const shown = Array.from(data.subarray(0, SHOWN_NUMBERS), formatScore).join('  ');
  const size = dims.map((dim) => formatNumber(dim)).join(' × ');
  return html`
    <p>${msg(str`${size} numbers, which stand for what the model sees. The first ones:`)}</p>
    <p class="code">${shown}${data.length > SHOWN_NUMBERS ? ' …' : ''}</p>
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-run-result': SillRunResult;
  }
}
