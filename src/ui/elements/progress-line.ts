import '@awesome.me/webawesome/dist/components/progress-bar/progress-bar.js';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { shared } from '../styles/shared.ts';

/**
 * How far something is: a bar, and a line of words below it.
 *
 * @slot - buttons beside the bar
 */
@customElement('sill-progress')
export class SillProgress extends SillElement {
  static override styles = [
    shared,
    css`
      .line {
        display: flex;
        align-items: center;
        gap: var(--sill-space-12);
      }
      wa-progress-bar {
        flex: 1;
        --track-height: 0.5rem;
        --indicator-color: var(--wa-color-brand-50);
        --track-color: var(--wa-color-neutral-fill-normal);
      }
      p {
        margin-top: var(--sill-space-6);
        font-size: var(--wa-font-size-s);
        color: var(--wa-color-text-quiet);
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  @property() label = '';
  /** 0 to 1; undefined when nobody knows. */
  @property({ attribute: false }) fraction: number | undefined;
  @property({ attribute: false }) words = '';

  override render() {
    return html`
      <div class="line">
        <wa-progress-bar
          label=${this.label}
          value=${Math.round((this.fraction ?? 0) * 1000) / 10}
          ?indeterminate=${this.fraction === undefined}
        ></wa-progress-bar>
        <slot></slot>
      </div>
      <p>${this.words}</p>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-progress': SillProgress;
  }
}
