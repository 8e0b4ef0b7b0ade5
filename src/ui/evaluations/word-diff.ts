import { msg } from '@lit/localize';
import { diffWordsWithSpace } from 'diff';
import { css, html, type TemplateResult } from 'lit';

/** Longer texts are compared in time that grows with the square of what differs. */
const MAX_CHARS = 8000;

/** What was wanted against what came, word by word: left out is struck through, put in is underlined, so that it is told without colours too. */
export function wordDiff(wanted: string, output: string): TemplateResult {
  const parts = diffWordsWithSpace(wanted.slice(0, MAX_CHARS), output.slice(0, MAX_CHARS), { timeout: 200 });
  if (!parts) return html`<p class="diff">${output}</p>`;
  return html`<p class="diff" role="group" aria-label=${msg('Difference from what was wanted')}>${parts.map(({ value, added, removed }) =>
    added ? html`<ins>${value}</ins>` : removed ? html`<del>${value}</del>` : value,
  )}</p>`;
}

export const diffStyles = css`
  .diff {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    font-size: var(--wa-font-size-s);
  }
  .diff ins {
    background: var(--wa-color-success-fill-quiet);
    color: var(--wa-color-success-on-quiet);
    text-decoration: underline;
  }
  .diff del + ins {
    margin-inline-start: 0.15em;
  }
  .diff del {
    background: var(--wa-color-danger-fill-quiet);
    color: var(--wa-color-danger-on-quiet);
  }
`;
