import '@awesome.me/webawesome/dist/components/copy-button/copy-button.js';
import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { FRAME_ALLOW } from '../../protocol/embedding.ts';
import { SillElement } from '../element.ts';
import { ModelsController } from '../models-controller.ts';
import { shared } from '../styles/shared.ts';

/** What a developer copies into a page that is to embed this very Sill. */
@customElement('sill-embed-lines')
export class SillEmbedLines extends SillElement {
  static override styles = [
    shared,
    css`
      .line {
        display: grid;
        gap: var(--sill-space-6);
      }
      .copy {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: start;
        padding: var(--sill-space-4) var(--sill-space-4) var(--sill-space-4) var(--sill-space-12);
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-m);
        background: var(--wa-color-surface-lowered);
      }
      pre {
        margin: var(--sill-space-8) 0;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        font-family: var(--wa-font-family-code);
        font-size: var(--wa-font-size-s);
        line-height: 1.5;
      }
      @media (pointer: coarse) {
        wa-copy-button::part(button) {
          min-width: 2.75rem;
          min-height: 2.75rem;
        }
      }
    `,
  ];

  readonly #models = new ModelsController(this);

  override render() {
    const model = this.#models.store?.installed('text-generation')[0]?.id ?? 'stories15m';
    // Where the page itself is: routes are all behind a hash.
    const app = new URL('.', document.baseURI).href;
    const module = `${app}sdk/sill.js`;
    const lines = [
      [msg('A conversation in the page'), `<script type="module" src="${module}"></script>\n<sill-chat model="${model}"></sill-chat>`],
      [
        msg('Without a view, from the page’s own script'),
        `import { connect } from '${module}';\nconst sill = await connect(document.body, { model: '${model}' });`,
      ],
      [
        msg('Without any script'),
        `<iframe title="Assistant" src="${app}embed.html?view=chat&model=${encodeURIComponent(model)}" allow="${FRAME_ALLOW}"></iframe>`,
      ],
      [msg('For an iframe of your own: its allow list'), `allow="${FRAME_ALLOW}"`],
      [msg('For the operator: let the page in, in sill.policy.json'), '"guests": [{ "origin": "https://intranet.example.org" }]'],
    ] as const;
    return html`<div class="card stack">${lines.map(([name, text]) => this.#line(name, text))}</div>`;
  }

  #line(name: string, text: string) {
    return html`
      <div class="line" role="group" aria-label=${name}>
        <h3 class="small">${name}</h3>
        <div class="copy">
          <pre><code>${text}</code></pre>
          <wa-copy-button .value=${text} copy-label=${msg('Copy')} success-label=${msg('Copied')} error-label=${msg('Could not copy')}></wa-copy-button>
        </div>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-embed-lines': SillEmbedLines;
  }
}
