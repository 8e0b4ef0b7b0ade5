import { css, html } from 'lit';
import { styleMap } from 'lit/directives/style-map.js';

/** The colour of a line or a point, before its name. */
export const swatch = (color: string) => html`<span class="swatch" aria-hidden="true" style=${styleMap({ background: color })}></span>`;

export const swatchStyles = css`
  .swatch {
    display: inline-block;
    width: 0.75rem;
    height: 0.75rem;
    margin-inline-end: var(--sill-space-4);
    border-radius: 0.1875rem;
    forced-color-adjust: none;
  }
`;
