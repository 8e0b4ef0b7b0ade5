import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { formatNumber } from '../format.ts';
import type { Looking } from './finding.ts';

export const askedAboutStyles = css`
  .about {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: var(--sill-space-2) var(--sill-space-12);
    font-size: var(--wa-font-size-s);
    color: var(--wa-color-text-quiet);
  }
  .about li {
    display: inline-flex;
    align-items: center;
    gap: var(--sill-space-6);
    overflow-wrap: anywhere;
  }
  .about wa-icon {
    flex: none;
  }
`;

/** What a message was asked about. */
export function askedAbout(files: readonly string[], documents: boolean) {
  if (files.length === 0 && !documents) return nothing;
  return html`
    <ul class="about" aria-label=${msg('Asked about')}>
      ${files.map((name) => html`<li><wa-icon name="file"></wa-icon>${name}</li>`)}
      ${documents ? html`<li><wa-icon name="search"></wa-icon>${msg('My documents')}</li>` : nothing}
    </ul>
  `;
}

export const lookingWords = ({ donePassages, totalPassages }: Looking): string =>
  totalPassages === 0
    ? msg('Looking for passages…')
    : msg(str`Reading what is attached: ${formatNumber(donePassages)} of ${formatNumber(totalPassages)} passages…`);
