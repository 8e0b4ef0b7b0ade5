import '@awesome.me/webawesome/dist/components/button/button.js';
import { html, type TemplateResult } from 'lit';
import { named } from './named.ts';

/** A button of a card that has others like it: what it says, and what it is called in a list of all buttons. As `named`. */
export const namedButton = (
  text: string,
  name: string,
  onClick: () => unknown,
  {
    main = false,
    disabled = false,
    loading = false,
  }: { readonly main?: boolean; readonly disabled?: boolean; readonly loading?: boolean } = {},
): TemplateResult => html`
  <wa-button
    size="s"
    variant=${main ? 'brand' : 'neutral'}
    appearance=${main ? 'accent' : 'outlined'}
    ?disabled=${disabled}
    ?loading=${loading}
    @click=${onClick}
  >
    ${named(text, name)}
  </wa-button>
`;
