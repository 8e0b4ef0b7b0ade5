import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import MarkdownIt, { type Token } from 'markdown-it';

/**
 * CommonMark with tables and strikethrough. Tokens become templates, never a string of HTML: what a model writes cannot be anything but text in an
 * element of this list. HTML in it is shown as it stands, and pictures are not fetched.
 */
const parser = new MarkdownIt({ html: false, linkify: false, breaks: true });

export type Content = ReadonlyArray<TemplateResult | string | typeof nothing>;

/** What depends on whose text it is. */
export interface Reading {
  /** Of the end of a line that ends no paragraph. */
  readonly softbreak: () => TemplateResult | string;
  /** @param level from 1 */
  readonly heading: (level: number, inside: Content) => TemplateResult;
  readonly link: (address: string, inside: Content) => TemplateResult;
  readonly picture: (called: string, address: string) => TemplateResult | typeof nothing;
}

type Wrap = (inside: Content, token: Token) => TemplateResult;

/** Of what may stand in an address. Everything else is shown and not followed. */
const FOLLOWED = /^(?:https?|mailto):/i;

/** Headings of an answer stand below the page's own. */
const heading = (level: number, inside: Content): TemplateResult =>
  level <= 2 ? html`<h3>${inside}</h3>` : level === 3 ? html`<h4>${inside}</h4>` : html`<h5>${inside}</h5>`;

const cell = (token: Token): string => /text-align:(\w+)/.exec(token.attrGet('style') ?? '')?.[1] ?? '';

const wrapsOf = (reading: Reading): Readonly<Record<string, Wrap>> => ({
  paragraph_open: (inside, { hidden }) => (hidden ? html`${inside}` : html`<p>${inside}</p>`),
  heading_open: (inside, { tag }) => reading.heading(Number(tag.slice(1)), inside),
  bullet_list_open: (inside) => html`<ul>${inside}</ul>`,
  ordered_list_open: (inside, token) => html`<ol start=${Number(token.attrGet('start') ?? 1)}>${inside}</ol>`,
  list_item_open: (inside) => html`<li>${inside}</li>`,
  blockquote_open: (inside) => html`<blockquote>${inside}</blockquote>`,
  table_open: (inside) => html`<div class="table" role="group" tabindex="0" aria-label=${msg('Table')}><table>${inside}</table></div>`,
  thead_open: (inside) => html`<thead>${inside}</thead>`,
  tbody_open: (inside) => html`<tbody>${inside}</tbody>`,
  tr_open: (inside) => html`<tr>${inside}</tr>`,
  th_open: (inside, token) => html`<th scope="col" class=${cell(token)}>${inside}</th>`,
  td_open: (inside, token) => html`<td class=${cell(token)}>${inside}</td>`,
  strong_open: (inside) => html`<strong>${inside}</strong>`,
  em_open: (inside) => html`<em>${inside}</em>`,
  s_open: (inside) => html`<s>${inside}</s>`,
  link_open: (inside, token) => reading.link(token.attrGet('href') ?? '', inside),
});

const leavesOf = (reading: Reading): Readonly<Record<string, (token: Token) => TemplateResult | string | typeof nothing>> => ({
  text: ({ content }) => content,
  softbreak: reading.softbreak,
  hardbreak: () => html`<br />`,
  hr: () => html`<hr />`,
  code_inline: ({ content }) => html`<code>${content}</code>`,
  fence: ({ content, info }) => html`<sill-code-block .code=${content} language=${info.trim().split(/\s+/)[0] ?? ''}></sill-code-block>`,
  code_block: ({ content }) => html`<sill-code-block .code=${content}></sill-code-block>`,
  image: (token) => reading.picture(token.content, token.attrGet('src') ?? ''),
});

/** With its address in sight: what it is called says nothing of where it leads. */
function link(address: string, inside: Content): TemplateResult {
  if (!FOLLOWED.test(address)) return html`${inside} <span class="address">(${address})</span>`;
  const shown = address.replace(/^mailto:/i, '');
  const isItself = inside.length === 1 && typeof inside[0] === 'string' && inside[0] === shown;
  return html`<a href=${address} target="_blank" rel="noopener noreferrer nofollow">${inside}</a>${isItself ? nothing : html` <span class="address">(${shown})</span>`}`;
}

const picture = (called: string, address: string): TemplateResult =>
  html`<span class="picture"><wa-icon name="eye-slash"></wa-icon>${called ? msg(str`Picture, not loaded: ${called}`) : msg('Picture, not loaded')} <span class="address">(${address})</span></span>`;

/** Of what a model wrote. */
export const ANSWER: Reading = {
  softbreak: () => html`<br />`,
  heading,
  link,
  // Never fetched: whoever runs its server would learn of it.
  picture,
};

/** What Markdown says, as templates. Whatever is not understood is shown as text. */
export function renderMarkdown(text: string, reading: Reading = ANSWER): Content {
  return build(parser.parse(text, {}), { wraps: wrapsOf(reading), leaves: leavesOf(reading) });
}

interface Made {
  readonly wraps: ReturnType<typeof wrapsOf>;
  readonly leaves: ReturnType<typeof leavesOf>;
}

/** Opening and closing tokens come flat, one after the other. */
function build(tokens: readonly Token[], made: Made): Content {
  const open: Array<{ readonly token: Token; readonly inside: Array<TemplateResult | string | typeof nothing> }> = [];
  const outside: Array<TemplateResult | string | typeof nothing> = [];
  const add = (content: TemplateResult | string | typeof nothing): void => void (open.at(-1)?.inside ?? outside).push(content);
  for (const token of tokens) {
    if (token.nesting === 1) open.push({ token, inside: [] });
    else if (token.nesting === -1) {
      const closed = open.pop();
      if (closed) add(made.wraps[closed.token.type]?.(closed.inside, closed.token) ?? html`${closed.inside}`);
    } else if (token.type === 'inline') for (const part of build(token.children ?? [], made)) add(part);
    else add(made.leaves[token.type]?.(token) ?? token.content);
  }
  return outside;
}
