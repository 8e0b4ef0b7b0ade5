import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { SillExtension, UpstreamExtension } from '../../protocol/openai.ts';
import { SillElement } from '../element.ts';
import { errorWords } from '../errors.ts';
import { shared } from '../styles/shared.ts';

/** Of an answer that another computer gave, or was to give: which, and why not. Nothing where there is nothing to tell. */
@customElement('sill-computed-by')
export class SillComputedBy extends SillElement {
  static override styles = [
    shared,
    css`
      p {
        display: flex;
        gap: var(--sill-space-8);
        margin-top: var(--sill-space-12);
        font-size: var(--wa-font-size-s);
      }
      wa-icon {
        flex: none;
        margin-top: var(--sill-icon-drop);
      }
    `,
  ];

  @property({ attribute: false }) run?: SillExtension | UpstreamExtension;

  override render() {
    const { run } = this;
    if (run?.computed_by === 'upstream') {
      return html`<p><wa-icon name="globe"></wa-icon><span>${msg(str`Computed by ${run.upstream.name}, not on this device: what you wrote was sent there.`)}</span></p>`;
    }
    if (!run?.instead_of) return nothing;
    const { name, error } = run.instead_of;
    return html`
      <p>
        <wa-icon name="device"></wa-icon>
        <span>${msg(str`Computed on this device by ${run.model}, in place of ${name}: ${errorWords(error).title}.`)}</span>
      </p>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-computed-by': SillComputedBy;
  }
}
