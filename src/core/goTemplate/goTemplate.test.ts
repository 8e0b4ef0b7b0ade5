import { describe, expect, test } from 'vitest';
import { executeGoTemplate } from './execute.ts';
import { TemplateFault } from './fault.ts';
import { parseGoTemplate } from './parser.ts';
import golden from './testing/golden.json' with { type: 'json' };
import { goValue } from './values.ts';

const render = (source: string, data: unknown): string => executeGoTemplate(parseGoTemplate(source), goValue(data));
const faultOf = (source: string, data: unknown = {}): TemplateFault => {
  try {
    render(source, data);
  } catch (reason) {
    if (reason instanceof TemplateFault) return reason;
    throw reason;
  }
  throw new Error(`${source} was taken`);
};

describe('a template of Go’s writes what Go’s text/template wrote', () => {
  for (const { template, text, refused } of golden.cases) {
    test(template, () => {
      const data = template.includes('ToolCalls') ? golden.calls : golden.data;
      if (refused) expect(faultOf(template, data).line).toBe(1);
      else expect(render(template, data)).toBe(text);
    });
  }
});

test('a fault names its line, and what is not understood', () => {
  const fault = faultOf('{{ if .A }}\nx\n{{ end }}\n{{ .B | upper }}');
  expect([fault.line, fault.message]).toEqual([4, 'the function "upper" is not known here']);
  expect(faultOf('\n{{ if .A }}\n').line).toBe(2);
  expect(faultOf('{{ range .List }}\n{{ .Name }}{{ end }}', { List: ['a'] }).message).toBe('there is no .Name of a string');
});

test('a template that runs wild is ended', () => {
  expect(faultOf('{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}').message).toContain('without an end');
  const many = { List: Array.from({ length: 200 }, (_, i) => i) };
  const nested = '{{ range $.List }}'.repeat(4) + 'x'.repeat(10) + '{{ end }}'.repeat(4);
  expect(faultOf(nested, many).message).toMatch(/does not come to an end|becomes endless/);
  expect(faultOf('{{ if true }}'.repeat(200) + '{{ end }}'.repeat(200)).message).toContain('too deep');
});
