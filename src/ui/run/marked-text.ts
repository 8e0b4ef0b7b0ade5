import { css, html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { styleMap } from 'lit/directives/style-map.js';
import { SillElement } from '../element.ts';
import { coloursOf } from '../styles/series-colours.ts';
import { shared } from '../styles/shared.ts';

export interface Mark {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

/** A text in which places are marked, each with what it is. */
@customElement('sill-marked-text')
export class SillMarkedText extends SillElement {
  static override styles = [
    shared,
    css`
      p {
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        line-height: 2;
      }
      mark {
        padding: var(--sill-space-2) var(--sill-space-4);
        border-bottom: 0.1875rem solid transparent;
        border-radius: var(--wa-border-radius-s);
        background: var(--wa-color-neutral-fill-normal);
        color: var(--wa-color-text-normal);
      }
      mark small {
        margin-inline-start: var(--sill-space-4);
        font-size: var(--wa-font-size-xs);
        font-weight: 600;
        color: var(--wa-color-text-quiet);
      }
    `,
  ];

  @property() text = '';
  /** In the order of the text, none within another. */
  @property({ attribute: false }) marks: readonly Mark[] = [];

  override render() {
    const colours = coloursOf(this.marks.map(({ label }) => label));
    const parts: Array<string | TemplateResult> = [];
    let at = 0;
    for (const { start, end, label } of this.marks) {
      parts.push(this.text.slice(at, start));
      const style = styleMap({ 'border-bottom-color': colours.get(label) });
      parts.push(html`<mark style=${style}>${this.text.slice(start, end)}${label === '' ? '' : html`<small>${label}</small>`}</mark>`);
      at = end;
    }
    // One line, because every space in it is shown.
    return html`<p>${parts}${this.text.slice(at)}</p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-marked-text': SillMarkedText;
  }
}
