import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coloured } from './code-colours.ts';

/** What is read, and the roles of what stands out with its text. */
function drawn(value: unknown): { readonly text: string; readonly roles: ReadonlyArray<readonly [role: string, text: string]> } {
  if (typeof value === 'string') return { text: value, roles: [] };
  if (Array.isArray(value)) {
    const all = value.map(drawn);
    return { text: all.map(({ text }) => text).join(''), roles: all.flatMap(({ roles }) => roles) };
  }
  if (typeof value !== 'object' || value === null || !('values' in value) || !Array.isArray(value.values)) return { text: '', roles: [] };
  const [role, inside] = value.values;
  const { text, roles } = drawn(inside);
  return { text, roles: [[String(role), text], ...roles] };
}

const CODE = `# until brown
def bake(loaf: str, minutes=30):
    return f"{loaf} is done" if minutes > 20 else None
`;

describe('the colours of code', () => {
  it('tell keywords, names, texts, figures and notes apart', () => {
    expect(drawn(coloured('Python', CODE)).roles).toEqual(
      expect.arrayContaining([
        ['note', '# until brown'],
        ['word', 'def'],
        ['name', 'bake'],
        ['kind', 'str'],
        ['figure', '30'],
        ['figure', 'None'],
      ]),
    );
  });

  it.each(['py', 'js', 'ts', 'sh', 'html', 'yml', 'toml', 'c++', 'c#', 'rs', 'golang', 'console', 'patch'])(
    'are known by %s, as models name languages',
    (language) => {
      expect(coloured(language, 'x')).toBeDefined();
    },
  );

  it('change not a letter, whatever is in the code', () => {
    const language = fc.constantFrom('python', 'html', 'typescript', 'bash', 'json', 'diff', 'sql', 'php');
    const piece = fc.constantFrom('<b>', '"', "'", '`', '${', '}', '//', '/*', '*/', '#', '\n', ' ', 'def ', 'é', '&amp;', '</script>');
    const code = fc.array(fc.oneof(piece, fc.string())).map((all) => all.join(''));
    fc.assert(
      fc.property(language, code, (name, text) => {
        expect(drawn(coloured(name, text)).text).toBe(text);
      }),
    );
  });

  it('are left out where the language is not known, and where there is too much of it', () => {
    expect(coloured('klingon', 'x')).toBeUndefined();
    expect(coloured('constructor', 'x')).toBeUndefined();
    expect(coloured('js', 'x'.repeat(10_001))).toBeUndefined();
  });
});
