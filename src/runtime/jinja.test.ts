import { Template } from '@huggingface/jinja';
import { describe, expect, test } from 'vitest';
import { renderJinja } from './jinja.ts';

const MESSAGES = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Rain in Köln?' },
];
const LIMIT_MS = 200;
const VARIABLES = { messages: MESSAGES, bos_token: '<s>' };
const render = (source: string, limitMs?: number) => renderJinja(new Template(source), VARIABLES, limitMs);

describe('a chat template', () => {
  test.each([
    '{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>\n{{ m.content | trim }}{% if not loop.last %},{% endif %}{% endfor %}',
    '{%- set ns = namespace(found=false) -%}{%- for m in messages[1:] -%}{%- set ns.found = true -%}{{ loop.index0 }}{%- endfor -%}{{ ns.found }}',
    '{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(5, 1, -2) %}{{ i }}{% endfor %}{{ range(2, 2) | length }}',
    "{% macro part(m) %}[{{ m['role'] | upper }}]{% endmacro %}{% for m in messages %}{{ part(m) }}{% endfor %}{{ messages | tojson }}",
    '{% if strftime_now is defined %}{{ strftime_now("%d %b %Y") }}{% endif %}{{ true }} {{ None is none }}',
  ])('writes what its engine has it write: %s', (source) => {
    expect(render(source)).toBe(new Template(source).render(VARIABLES));
  });

  test('says itself why it refuses', () => {
    expect(() => render("{{ raise_exception('Roles must alternate') }}")).toThrowError('Roles must alternate');
  });

  test('takes a conversation of any length', () => {
    const messages = Array.from({ length: 120_000 }, () => 'a');
    expect(renderJinja(new Template('{{ messages | length }} {{ messages[1:] | length }}'), { messages })).toBe('120000 119999');
  });
});

const nested = (depth: number, body: string): string => '{% for i in range(1000) %}'.repeat(depth) + body + '{% endfor %}'.repeat(depth);

describe('a chat template that was written to do harm ends soon:', () => {
  test.each([
    ['loops in loops', nested(4, 'a'), /end/],
    ['loops in loops that write nothing', nested(4, ''), /end/],
    ['a list without an end', '{% for i in range(1000000000) %}{% endfor %}', /list becomes endless/],
    ['a text that doubles', `{% set ns = namespace(x='abcdefgh') %}${nested(1, '{% set ns.x = ns.x ~ ns.x %}')}`, /text becomes endless/],
    [
      'a list that doubles',
      `{% set ns = namespace(x=[1, 2]) %}${nested(1, '{% set ns.x = ns.x + ns.x %}')}`,
      /list becomes endless|come to an end/,
    ],
    [
      'lists in lists, written out',
      `{% set ns = namespace(x=[1, 2]) %}${nested(1, '{% set ns.x = [ns.x, {"a": ns.x}] %}')}{{ ns.x | tojson }}`,
      /list becomes endless/,
    ],
    ['a macro that calls itself twice', '{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}', /./],
  ])('%s', (_, source, words) => {
    const startMs = performance.now();
    expect(() => render(source, LIMIT_MS)).toThrowError(words);
    expect(performance.now() - startMs).toBeLessThan(LIMIT_MS * 10);
  });
});
