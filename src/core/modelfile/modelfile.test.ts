import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBaseReference } from './base.ts';
import { FAULT_CODES, faultWords } from './faults.ts';
import { PARAMETER_NAMES, readParameter } from './parameters.ts';
import { readModelfile } from './parse.ts';
import { printModelfile } from './print.ts';

const faultsOf = (text: string) => readModelfile(text).faults.map(({ line, code, what }) => [line, code, what]);

const MARIO = `# A plumber
from tinyllama
PARAMETER temperature 1
Parameter num_ctx 4096
PARAMETER stop "### User:"
PARAMETER stop <|end|>
PARAMETER num_thread 8
SYSTEM """
You are Mario, "the plumber".
Speak as he does.
"""

MESSAGE user Is Toronto in Canada?
message assistant """yes,
it is"""
LICENSE "MIT"
REQUIRES 0.14.0
`;

describe('a Modelfile', () => {
  test('is read with its comments, cases, quotation marks and lines', () => {
    const { modelfile, faults, notes } = readModelfile(MARIO);
    expect(faults).toEqual([]);
    expect(modelfile).toEqual({
      from: { id: 'tinyllama' },
      parameters: { temperature: 1, contextLength: 4096, stop: ['### User:', '<|end|>'] },
      system: '\nYou are Mario, "the plumber".\nSpeak as he does.\n',
      messages: [
        { role: 'user', content: 'Is Toronto in Canada?' },
        { role: 'assistant', content: 'yes,\nit is' },
      ],
      licences: ['MIT'],
    });
    expect(notes).toEqual([
      { line: 7, code: 'parameter-device', what: 'num_thread' },
      { line: 17, code: 'requires', what: '0.14.0' },
    ]);
  });

  test('of another system is read the same: line ends of Windows, a byte order mark, tabs', () => {
    const windows = `\uFEFF${MARIO.replaceAll('\n', '\r\n').replace('SYSTEM ', 'SYSTEM\t')}`;
    expect(readModelfile(windows)).toEqual(readModelfile(MARIO));
  });

  test('with faults tells all of them, with their lines', () => {
    expect(
      faultsOf(
        [
          'SYSTEM """a',
          'b"""',
          'FORM x',
          'PARAMETER temperature hot',
          'PARAMETER warmth 1',
          'PARAMETER typical_p 0.5',
          'ADAPTER ./lora.gguf',
          'MESSAGE robot hello',
          'REQUIRES soon',
          'TEMPLATE """{{ if .System }}',
          '{{ .Nope }}{{ end }}"""',
          'FROM a',
          'FROM b',
          'SYSTEM',
          'LICENSE "open',
        ].join('\n'),
      ),
    ).toEqual([
      [3, 'instruction-unknown', 'FORM'],
      [4, 'parameter-value', 'temperature hot'],
      [5, 'parameter-unknown', 'warmth'],
      [6, 'parameter-unsupported', 'typical_p'],
      [7, 'adapter', './lora.gguf'],
      [8, 'message-role', 'robot'],
      [9, 'requires-version', 'soon'],
      [11, 'template', ''],
      [13, 'from-second', 'b'],
      [14, 'value-missing', 'SYSTEM'],
      [15, 'quote-open', 'LICENSE'],
    ]);
    expect(faultsOf('# nothing\n')).toEqual([[1, 'from-missing', '']]);
    expect(faultsOf('FROM ./model.gguf')).toEqual([[1, 'from-file', './model.gguf']]);
    expect(faultsOf('x'.repeat(300_000))).toEqual([[1, 'too-long', '']]);
    expect(faultsOf('DRAFT x\nFROM a')).toEqual([[1, 'instruction-foreign', 'DRAFT']]);
  });

  test('every fault has words', () => {
    for (const code of FAULT_CODES) expect(faultWords({ line: 3, code, what: 'x', why: 'y' })).toMatch(/^line 3: \S/);
  });

  test('an empty text is said, and is not what is left to the base', () => {
    expect(readModelfile('FROM a\nSYSTEM ""').modelfile?.system).toBe('');
    expect(readModelfile('FROM a').modelfile?.system).toBeUndefined();
  });
});

describe('FROM names', () => {
  const V = '0123456789ab';
  test.each([
    ['stories15m', { id: 'stories15m' }],
    ['acme/tiny', { id: 'acme/tiny' }],
    ['hf:acme/tiny', { id: 'hf:acme/tiny' }],
    ['stories15m:latest', { id: 'stories15m' }],
    ['hf:acme/tiny:latest', { id: 'hf:acme/tiny' }],
    [`stories15m:${V}`, { id: 'stories15m', version: V }],
    [`hf:acme/tiny@${V}`, { id: 'hf:acme/tiny', version: V }],
    [`stories15m@sha256:${'a'.repeat(64)}`, { id: 'stories15m', version: 'a'.repeat(64) }],
    ['llama3.2:1b', { code: 'from-name' }],
    ['a b', { code: 'from-name' }],
    ['other:acme/tiny', { code: 'from-name' }],
    ['/home/me/model', { code: 'from-file' }],
    ['model.gguf', { code: 'from-file' }],
  ])('%s', (text, expected) => {
    expect(parseBaseReference(text)).toEqual(expected);
  });
});

describe('parameters', () => {
  test('each name of Ollama’s takes a value, and refuses another', () => {
    for (const name of PARAMETER_NAMES) {
      const kinds = ['0', '1', '2048', 'true', 'x'].map((value) => readParameter(name, value).kind);
      expect(
        kinds.some((kind) => kind === 'set' || kind === 'note'),
        name,
      ).toBe(true);
      if (name !== 'stop') expect(readParameter(name, 'x y').kind, name).toBe('wrong');
    }
    expect(readParameter('toString', '1')).toEqual({ kind: 'unknown' });
  });

  test('what means "not said" in Ollama says nothing', () => {
    for (const [name, value] of [
      ['num_predict', '-1'],
      ['num_predict', '-2'],
      ['seed', '-1'],
      ['top_k', '-1'],
      ['mirostat', '0'],
    ] as const)
      expect(readParameter(name, value)).toEqual({ kind: 'set', parameters: {} });
    expect(readParameter('num_predict', '-3').kind).toBe('wrong');
  });
});

const text = fc.string({ unit: fc.constantFrom('a', 'B', ' ', '\t', '\n', '"', '"""', '#', '\\', 'é', '.'), maxLength: 12 });

describe('printing', () => {
  test('what is printed is read as what went in', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.array(text, { maxLength: 3 }),
        fc.array(fc.tuple(fc.constantFrom('system', 'user', 'assistant'), text)),
        (system, template, stop, said) => {
          const parts = {
            from: 'acme/tiny',
            parameters: { temperature: 0.5, stop: stop.filter((each) => each !== '') },
            ...{ system, template, license: 'MIT' },
            messages: said.map(([role, content]) => ({ role, content })),
          };
          // The grammar has no way to write it.
          const isWritable = [system, template, ...stop, ...said.map(([, content]) => content)].every(
            (each) => !/"""[ \t]*(?:\n|$)/.test(each),
          );
          let printed: string;
          try {
            printed = printModelfile(parts);
          } catch (reason) {
            expect(isWritable, JSON.stringify(parts)).toBe(false);
            expect(String(reason)).toContain('Modelfile cannot hold');
            return;
          }
          const { faults, modelfile } = readModelfile(printed);
          expect(faults).toEqual([]);
          expect(modelfile).toEqual({
            from: { id: 'acme/tiny' },
            parameters: { temperature: 0.5, ...(parts.parameters.stop.length > 0 ? { stop: parts.parameters.stop } : {}) },
            ...{ system, template, messages: parts.messages, licences: ['MIT'] },
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  test('whatever comes is read without an exception', () => {
    const piece = fc.constantFrom(
      'FROM ',
      'SYSTEM ',
      'TEMPLATE ',
      'PARAMETER ',
      'MESSAGE ',
      'user ',
      'stop ',
      '"""',
      '"',
      '\n',
      'x',
      '{{ ',
      ' }}',
      '.Prompt',
      'if ',
      'end',
      '#',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const { modelfile, faults } = readModelfile(pieces.join(''));
        expect(modelfile === undefined).toBe(faults.length > 0);
      }),
      { numRuns: 1000 },
    );
  });
});
