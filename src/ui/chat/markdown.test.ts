import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderMarkdown } from './markdown.ts';

interface Drawn {
  /** Everything that a person reads, in order. */
  readonly text: string;
  /** Templates' own markup. */
  readonly markup: string;
  /** What stands where an attribute `href` takes its value. */
  readonly hrefs: readonly string[];
}

/** What a template would draw, without drawing it: its own markup is ours, its values are the model's. */
function drawn(value: unknown): Drawn {
  if (Array.isArray(value)) return joined(value.map(drawn));
  if (typeof value === 'string') return { text: value, markup: '', hrefs: [] };
  if (typeof value !== 'object' || value === null || !('strings' in value) || !('values' in value))
    return { text: '', markup: '', hrefs: [] };
  const strings = Array.isArray(value.strings) ? value.strings.map(String) : [];
  const values: unknown[] = Array.isArray(value.values) ? value.values : [];
  const parts = values.map((each, i): Drawn => {
    const before = strings[i] ?? '';
    if (/href=$/.test(before)) return { text: '', markup: '', hrefs: [String(each)] };
    return /=$/.test(before) ? { text: String(each), markup: '', hrefs: [] } : drawn(each);
  });
  return joined([{ text: '', markup: strings.join(''), hrefs: [] }, ...parts]);
}
const joined = (parts: readonly Drawn[]): Drawn => ({
  text: parts.map(({ text }) => text).join(''),
  markup: parts.map(({ markup }) => markup).join(''),
  hrefs: parts.flatMap(({ hrefs }) => hrefs),
});

describe('what a model writes as Markdown', () => {
  it('has headings, lists, tables and code, and what is not understood stands as it is', () => {
    const { markup, text } = drawn(renderMarkdown('# A\n\n- b\n- **c**\n\n|d|e|\n|-|-|\n|f|g|\n\n```js\nh\n```\n\n<b>i</b> &amp; j'));
    for (const tag of ['<h3>', '<ul>', '<li>', '<strong>', '<table>', '<th ', '<sill-code-block']) expect(markup).toContain(tag);
    expect(text).toContain('<b>i</b> & j');
    expect(markup).not.toContain('<b>');
  });

  it('shows where a link leads, and follows it to the web and to mail alone', () => {
    const link = (address: string) => drawn(renderMarkdown(`[bank](${address})`));
    expect(link('https://bank.example/a')).toMatchObject({
      text: expect.stringContaining('bankhttps://bank.example/a'),
      hrefs: ['https://bank.example/a'],
    });
    for (const address of [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'data:text/html,a',
      'file:///etc',
      'blob:a',
      '//host/a',
      '#/storage',
      'a.html',
    ]) {
      const { hrefs, text } = link(address);
      expect([address, hrefs]).toEqual([address, []]);
      expect(text).toContain('bank');
    }
  });

  it('names a picture and never fetches it', () => {
    const { markup, text } = drawn(renderMarkdown('![a loaf](https://elsewhere.example/loaf.png)'));
    expect(markup).not.toMatch(/<img|src=/);
    expect(text).toContain('a loaf');
    expect(text).toContain('https://elsewhere.example/loaf.png');
  });

  it('whatever it is, is drawn, loses no word, and leads nowhere but to the web and to mail', () => {
    const words = fc.constantFrom(
      ...'# ## - 1. > ``` ~~~ ** _ ~~ | --- <img src=x> <script> ![x] [y] (javascript:a) (https://z.example) &lt; word \n \n\n'.split(' '),
      '\n',
      '\n\n',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 8 })), { maxLength: 40 }), (parts) => {
        const { hrefs, markup, text } = drawn(renderMarkdown(`${parts.join('')}\n\nlastword`));
        expect(text).toContain('lastword');
        expect(markup).not.toMatch(/<(?:img|script|iframe|style|form|input)/);
        for (const href of hrefs) expect(href).toMatch(/^(?:https?|mailto):/i);
      }),
    );
  });
});
