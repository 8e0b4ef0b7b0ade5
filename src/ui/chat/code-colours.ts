import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import rust from 'highlight.js/lib/languages/rust';
import shell from 'highlight.js/lib/languages/shell';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { html, type TemplateResult } from 'lit';
import { createLowlight } from 'lowlight';

/** What models are asked to write most. Each brings its usual other names, as `py` or `html`. */
const lowlight = createLowlight({
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  go,
  ini,
  java,
  javascript,
  json,
  php,
  python,
  rust,
  shell,
  sql,
  typescript,
  xml,
  yaml,
});

/** Longer code stays as it is: it is read anew with each piece that comes of it. 20,000 letters of TypeScript take 7 ms on a laptop, once warm. */
const MOST_CHARS = 10_000;

/** Which of highlight.js's scopes stand out, and as what: few colours that are told apart, not one for each. */
const ROLES: Readonly<Record<string, string>> = {
  ...{ keyword: 'word', 'selector-tag': 'word', name: 'word', tag: 'word', operator: 'word' },
  ...{ string: 'text', regexp: 'text', 'char.escape': 'text', link: 'text', 'template-tag': 'text' },
  ...{ number: 'figure', literal: 'figure', symbol: 'figure', 'variable.constant': 'figure' },
  ...{ comment: 'note', quote: 'note', doctag: 'note' },
  ...{ title: 'name', section: 'name', 'selector-id': 'name', 'selector-class': 'name' },
  ...{ type: 'kind', built_in: 'kind', attr: 'kind', attribute: 'kind', meta: 'kind', variable: 'kind', 'template-variable': 'kind' },
  ...{ addition: 'added', deletion: 'removed' },
};

type Coloured = ReadonlyArray<TemplateResult | string>;
type Nodes = ReturnType<typeof lowlight.highlight>['children'];

/**
 * Code with its words told apart. Nodes become templates, never a string of HTML: what a model wrote stays text.
 * @param language as it stands at a fence of Markdown
 * @returns undefined where the language is not known here, or the code is too long
 */
export function coloured(language: string, code: string): Coloured | undefined {
  const name = language.toLowerCase();
  if (code.length > MOST_CHARS || !lowlight.registered(name)) return undefined;
  return parts(lowlight.highlight(name, code).children);
}

function parts(nodes: Readonly<Nodes>): Coloured {
  return nodes.flatMap((node): Coloured => {
    if (node.type === 'text') return [node.value];
    if (node.type !== 'element') return [];
    const inside = parts(node.children);
    const role = roleOf(node.properties.className);
    return role === undefined ? inside : [html`<span class=${role}>${inside}</span>`];
  });
}

/** @param className `hljs-title`, or of a part of a scope `hljs-title` and `function_` */
function roleOf(className: unknown): string | undefined {
  const [scope = '', part = ''] = Array.isArray(className) ? className.map(String) : [];
  const name = scope.replace(/^hljs-/, '');
  return ROLES[`${name}.${part.replace(/_$/, '')}`] ?? ROLES[name];
}
