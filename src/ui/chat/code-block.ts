import './copy-tool.ts';
import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';

let loading: Promise<typeof import('./code-colours.ts')> | undefined;

/** Code of an answer, to be copied, in colours where its language is known. */
@customElement('sill-code-block')
export class SillCodeBlock extends SillElement {
  static override styles = [
    shared,
    css`
      figure {
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-m);
        background: var(--wa-color-surface-lowered);
        overflow: hidden;
      }
      figcaption {
        display: flex;
        justify-content: space-between;
        align-items: center;
        padding-inline-start: var(--sill-space-12);
        border-bottom: 1px solid var(--wa-color-surface-border);
        font-size: var(--wa-font-size-s);
        color: var(--wa-color-text-quiet);
      }
      pre {
        margin: 0;
        padding: var(--sill-space-12);
        overflow-x: auto;
        font-size: var(--wa-font-size-s);
        line-height: 1.5;
        tab-size: 2;
      }
      .word {
        color: var(--sill-code-word);
        font-weight: 600;
      }
      .text {
        color: var(--sill-code-text);
      }
      .figure {
        color: var(--sill-code-figure);
      }
      .name {
        color: var(--sill-code-name);
      }
      .kind {
        color: var(--sill-code-kind);
      }
      .note {
        color: var(--wa-color-text-quiet);
        font-style: italic;
      }
      .added {
        color: var(--wa-color-success-on-quiet);
      }
      .removed {
        color: var(--wa-color-danger-on-quiet);
      }
    `,
  ];

  @property({ attribute: false }) code = '';
  @property() language = '';
  /** Comes with the first code whose language is named: few answers have any. */
  @state() private colours: typeof import('./code-colours.ts') | undefined;

  protected override willUpdate(): void {
    if (this.colours || this.language === '') return;
    loading ??= import('./code-colours.ts');
    loading.then(
      (colours) => {
        this.colours = colours;
      },
      () => {
        // Cut off on its way: the code is read without colours, and the next one asks again.
        loading = undefined;
      },
    );
  }

  override render() {
    const named = this.language || msg('Code');
    return html`
      <figure>
        <figcaption>
          <span>${named}</span>
          <sill-copy-tool .text=${this.code} label=${msg('Copy the code')}></sill-copy-tool>
        </figcaption>
        <pre tabindex="0" role="group" aria-label=${msg(str`Code: ${named}`)}><code>${this.colours?.coloured(this.language, this.code) ?? this.code}</code></pre>
      </figure>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-code-block': SillCodeBlock;
  }
}
