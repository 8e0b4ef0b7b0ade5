import { css } from 'lit';

/** A menu behind a button: never wider than a phone, and its items as high as a finger is wide. */
export const menu = css`
  :host {
    display: inline-block;
  }
  wa-dropdown::part(menu) {
    max-width: calc(100vw - 2rem);
  }
  @media (max-width: 50rem) {
    wa-dropdown-item {
      min-height: 44px;
    }
  }
`;
