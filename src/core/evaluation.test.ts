import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchesPattern } from '../platform/linearRegex.ts';
import { checkSchema } from '../platform/schemaCheck.ts';
import type { Answer } from './assertions.ts';
import { judgeCase, judgeSuite, needsAnswer, parseSuite, readSuite, scoredTexts } from './evaluation.ts';

const checks = { matches: matchesPattern, checkSchema };
const textScore = (nll: number) => ({ nll, tokens: 2, bytes: 8, top: [1, 2] });
const scored = (nll: number) => ({ texts: new Map([['Once', textScore(nll)]]) });
const lines = (...cases: object[]) => cases.map((it) => JSON.stringify(it)).join('\n');
const suite = (...asserts: object[]) => parseSuite(lines({ id: 'a', prompt: 'Once', assert: asserts }));
const verdict = (assert: object, answer: Partial<Answer>) => {
  const [it] = suite(assert);
  if (!it) throw new Error('no case');
  return judgeCase(it, answer, checks);
};

describe('a suite', () => {
  test('is read line by line, with empty lines between', () => {
    const text = `\n${lines({ id: 'a', prompt: 'Once', assert: [{ type: 'is-json' }] })}\r\n\n${lines({
      id: 'b',
      messages: [{ role: 'user', content: 'Hi' }],
      assert: [{ type: 'equals', value: 'Hello', weight: 2 }],
      threshold: 0.5,
      max_tokens: 4,
    })}\n`;
    expect(parseSuite(text).map((it) => [it.id, it.max_tokens])).toEqual([
      ['a', 48],
      ['b', 4],
    ]);
  });
  const good = lines({ id: 'a', prompt: 'x', assert: [{ type: 'is-json' }] });
  test.each([
    ['no JSON', `${good}\nhello`, 2],
    ['an unknown assertion', lines({ id: 'a', prompt: 'x', assert: [{ type: 'javascript', value: '1' }] }), 1],
    ['neither prompt nor messages', `\n\n${lines({ id: 'a', assert: [{ type: 'is-json' }] })}`, 3],
    [
      'both prompt and messages',
      lines({ id: 'a', prompt: 'x', messages: [{ role: 'user', content: 'y' }], assert: [{ type: 'is-json' }] }),
      1,
    ],
    ['the same id twice', `${good}\n${good}`, 2],
    ['a perplexity without threshold', lines({ id: 'a', prompt: 'x', assert: [{ type: 'perplexity' }] }), 1],
    [
      'a perplexity of nothing',
      lines({ id: 'a', messages: [{ role: 'user', content: 'y' }], assert: [{ type: 'perplexity', threshold: 2 }] }),
      1,
    ],
    ['no assertion', lines({ id: 'a', prompt: 'x', assert: [] }), 1],
    ['nothing at all', '\n', 1],
  ])('with %s is refused with the number of the line', (_case, text, line) => {
    expect(() => parseSuite(text)).toThrow(expect.objectContaining({ code: 'invalid_manifest', details: { line } }));
  });
  describe('whose answers are drawn', () => {
    const it = (more: object) => lines({ id: 'a', prompt: 'x', assert: [{ type: 'is-json' }], ...more });
    test('has temperature, top_p, seed and the like by case, or for all by its first line', () => {
      expect(parseSuite(it({ temperature: 0.8, top_p: 0.9, seed: 7 }))[0]).toMatchObject({ temperature: 0.8, top_p: 0.9, seed: 7 });
      const defaults = lines({ defaultTest: { temperature: 0.8, seed: 7, max_tokens: 9 } });
      const [own, other] = parseSuite(`${defaults}\n${it({ seed: 8 })}\n${it({ id: 'b', max_tokens: 3 })}`);
      expect(own).toMatchObject({ temperature: 0.8, seed: 8, max_tokens: 9 });
      expect(other).toMatchObject({ temperature: 0.8, seed: 7, max_tokens: 3 });
      expect(parseSuite(it({}))[0]).not.toHaveProperty('temperature');
      // A greedy one among them.
      expect(parseSuite(`${defaults}\n${it({ temperature: 0 })}`)[0]).toMatchObject({ temperature: 0, max_tokens: 9 });
      expect(parseSuite(`${defaults}\n${it({ temperature: 0 })}`)[0]).not.toHaveProperty('seed');
    });
    test.each([
      ['a seed without a temperature', it({ seed: 7 }), 'not-a-case', 1, /only with a temperature above 0/],
      ['top_p under a temperature of 0', it({ temperature: 0, top_p: 0.5 }), 'not-a-case', 1, /only with a temperature above 0/],
      ['a temperature of 3', it({ temperature: 3 }), 'not-a-case', 1, /at temperature/],
      ['a seed that is no whole number', it({ temperature: 1, seed: 0.5 }), 'not-a-case', 1, /at seed/],
      ['defaults that there are not', `${lines({ defaultTest: { top: 1 } })}\n${it({})}`, 'not-defaults', 1, /at defaultTest\.top/],
      [
        'defaults without effect',
        `${lines({ defaultTest: { seed: 1 } })}\n${it({})}`,
        'not-defaults',
        1,
        /only with a temperature above 0/,
      ],
      ['defaults behind a case', `${it({})}\n${lines({ defaultTest: { temperature: 1 } })}`, 'not-defaults', 2, /first line/],
      ['nothing but defaults', lines({ defaultTest: { temperature: 1 } }), 'empty', 1, /no case/],
    ])('and has %s is told so', (_what, text, code, line, what) => {
      expect(readSuite(text).faults).toMatchObject([{ line, code, what: expect.stringMatching(what) }]);
    });
  });
  test('passes when every case does, and scores their mean', () => {
    const [it] = suite({ type: 'contains', value: 'cat' });
    if (!it) throw new Error('no case');
    const cases = ['a cat', 'a dog'].map((text) => judgeCase(it, { text }, checks));
    expect(judgeSuite(cases)).toMatchObject({ pass: false, score: 0.5 });
    expect(judgeSuite(cases.slice(0, 1))).toMatchObject({ pass: true, score: 1 });
  });
});

describe('an assertion', () => {
  test.each([
    [{ type: 'equals', value: 'a cat' }, 'a cat', true],
    [{ type: 'equals', value: 'a cat' }, 'a cat ', false],
    [{ type: 'contains', value: 'cat' }, 'a cat', true],
    [{ type: 'contains', value: 'CAT' }, 'a cat', false],
    [{ type: 'icontains', value: 'CAT' }, 'a cat', true],
    [{ type: 'icontains', value: 'dog' }, 'a cat', false],
    [{ type: 'starts-with', value: 'a' }, 'a cat', true],
    [{ type: 'starts-with', value: 'cat' }, 'a cat', false],
    [{ type: 'levenshtein', value: 'kitten' }, 'sitting', true],
    [{ type: 'levenshtein', value: 'kitten', threshold: 2 }, 'sitting', false],
    [{ type: 'levenshtein', value: 'cat', threshold: 0 }, 'cat', true],
    [{ type: 'rouge-n', value: 'The cat sat on the mat.' }, 'the cat sat on a mat', true],
    [{ type: 'rouge-n', value: 'The cat sat on the mat.' }, 'a dog ran', false],
    [{ type: 'rouge-n', value: 'The cat sat on the mat.', threshold: 0.95 }, 'the cat sat on a mat', false],
    [{ type: 'is-refusal' }, 'I’m sorry, but I can’t help with that.', true],
    [{ type: 'is-refusal' }, ' ', true],
    [{ type: 'is-refusal' }, 'Sure. I cannot wait to tell you.', false],
    [{ type: 'regex', value: '\\bc[aou]t$' }, 'a cat', true],
    [{ type: 'regex', value: '^c' }, 'a cat', false],
    [{ type: 'is-json' }, '{"a": 1}', true],
    [{ type: 'is-json' }, '{a: 1}', false],
  ])('%j of "%s" is %s', (assert, text, pass) => {
    expect(verdict(assert, { text }).pass).toBe(pass);
  });
  test('of perplexity holds up to its threshold, and never for what is no number', () => {
    const assert = { type: 'perplexity', threshold: 3 };
    expect(verdict(assert, scored(Math.log(2.999))).pass).toBe(true);
    expect(verdict(assert, scored(Math.log(3.01))).pass).toBe(false);
    expect(verdict(assert, scored(Number.NaN)).pass).toBe(false);
    expect(verdict(assert, {}).pass).toBe(false);
  });
  test('of latency holds up to its threshold', () => {
    expect(verdict({ type: 'latency', threshold: 100 }, { latencyMs: 100 }).pass).toBe(true);
    expect(verdict({ type: 'latency', threshold: 100 }, { latencyMs: 101 }).pass).toBe(false);
  });
  test('says why', () => {
    expect(verdict({ type: 'contains', value: 'dog' }, { text: 'a cat' }).asserts[0]?.reason).toBe('"a cat" does not contain "dog"');
    expect(verdict({ type: 'perplexity', threshold: 3 }, scored(Math.log(4))).asserts[0]?.reason).toBe('perplexity 4.000, at most 3');
  });
  test('whose pattern would keep a backtracking engine busy for years is judged at once', () => {
    const startMs = performance.now();
    expect(verdict({ type: 'regex', value: '(a+)+$' }, { text: `${'a'.repeat(50_000)}b` }).pass).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(5000);
  });
  test.each(['(', '(?=a)', '(a)\\1'])('whose pattern is none of the engine fails with the reason (%s)', (value) => {
    const [result] = verdict({ type: 'regex', value }, { text: 'a' }).asserts;
    expect(result?.pass).toBe(false);
    expect(result?.reason).toContain('is no pattern');
  });
});

describe('a case', () => {
  test('passes by the weighted share that its threshold asks for', () => {
    const asserts = [
      { type: 'contains', value: 'cat', weight: 3 },
      { type: 'contains', value: 'dog' },
    ];
    const judged = (threshold?: number) => {
      const [it] = parseSuite(lines({ id: 'a', prompt: 'x', assert: asserts, ...(threshold === undefined ? {} : { threshold }) }));
      if (!it) throw new Error('no case');
      return judgeCase(it, { text: 'a cat' }, checks);
    };
    expect(judged(0.75)).toMatchObject({ pass: true, score: 0.75 });
    expect(judged(0.8).pass).toBe(false);
    expect(judged().pass).toBe(false);
  });
  test('is not failed by an assertion of weight 0', () => {
    expect(verdict({ type: 'contains', value: 'dog', weight: 0 }, { text: 'a cat' })).toMatchObject({ pass: true, score: 1 });
  });
  test('says which texts are to be scored, and whether an answer is needed at all', () => {
    const [it] = suite({ type: 'perplexity', threshold: 2 }, { type: 'perplexity', value: 'A story.', threshold: 2 });
    expect(it && scoredTexts(it)).toEqual(['Once', 'A story.']);
    expect(it && needsAnswer(it)).toBe(false);
    const [other] = suite({ type: 'is-json' });
    expect(other && needsAnswer(other)).toBe(true);
  });
});

describe('an assertion beside those of words', () => {
  const schema = { type: 'object', properties: { pattern: { type: 'string' }, age: { type: 'integer', minimum: 0 } }, required: ['age'] };
  test.each([
    ['{"age": 3}', true],
    ['{"age": -1}', false],
    ['{"name": "x"}', false],
    ['not JSON', false],
  ])('of JSON with a schema judges %s', (text, pass) => {
    const [result] = verdict({ type: 'is-json', value: schema }, { text }).asserts;
    expect(result?.pass).toBe(pass);
    if (!pass && text !== 'not JSON') expect(result?.reason).toContain('does not fit its schema');
  });
  test.each([{ pattern: '(a+)+$' }, { properties: { a: { anyOf: [{ pattern: 'a' }] } } }, { patternProperties: { a: true } }])(
    'of JSON with a pattern, which might never end, is refused with what to do (%j)',
    (value) => {
      expect(() => suite({ type: 'is-json', value })).toThrow(/put a regex assertion beside it/);
    },
  );
  test('of JSON whose schema refers to nowhere fails with the reason', () => {
    const [result] = verdict({ type: 'is-json', value: { $ref: '#/$defs/none' } }, { text: '1' }).asserts;
    expect(result).toMatchObject({ pass: false, seen: { fault: expect.stringContaining('none') } });
  });
  test('of similarity has it as its score, and is left unjudged where no model embeds', () => {
    const assert = { type: 'similar', value: 'a cat', threshold: 0.8 };
    const at = (similarity: number) => verdict(assert, { text: 'x', similarities: new Map([['a cat', similarity]]) });
    expect(at(0.9)).toMatchObject({ pass: true, score: 0.9 });
    expect(at(0.7)).toMatchObject({ pass: false, score: 0.7 });
    expect(at(Number.NaN)).toMatchObject({ pass: false, score: 0 });
    expect(verdict(assert, { text: 'x' })).toMatchObject({ pass: true, score: 1, asserts: [{ skipped: true }] });
  });
  test('of likeliest tokens holds by the share of places, and not for a text that was cut otherwise', () => {
    const assert = (reference?: number[]) => ({ type: 'token-agreement', threshold: 0.5, ...(reference ? { reference } : {}) });
    expect(verdict(assert([1, 9]), scored(1))).toMatchObject({ pass: true, score: 0.5 });
    expect(verdict(assert([8, 9]), scored(1)).pass).toBe(false);
    expect(verdict(assert([1, 2, 3]), scored(1)).asserts[0]?.reason).toContain('another tokenizer');
    expect(verdict(assert(), scored(1))).toMatchObject({ pass: true, asserts: [{ skipped: true }] });
  });
  test('of bits per byte holds up to its threshold', () => {
    // Two tokens, eight bytes.
    expect(verdict({ type: 'bits-per-byte', threshold: 1.001 }, scored(4 * Math.LN2)).pass).toBe(true);
    expect(verdict({ type: 'bits-per-byte', threshold: 0.999 }, scored(4 * Math.LN2)).pass).toBe(false);
  });
});

describe('scores', () => {
  const asserts = fc.array(
    fc.record({
      type: fc.constant('contains' as const),
      value: fc.constantFrom('cat', 'dog', 'a'),
      weight: fc.integer({ min: 0, max: 9 }),
    }),
    { minLength: 1, maxLength: 8 },
  );
  test('are the weighted mean of the assertions, and decide by the threshold or by all of them', () => {
    fc.assert(
      fc.property(
        asserts,
        fc.constantFrom('a cat', 'dog', ''),
        fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
        (assert, text, threshold) => {
          const [it] = parseSuite(lines({ id: 'a', prompt: 'x', assert, ...(threshold === null ? {} : { threshold }) }));
          if (!it) throw new Error('no case');
          const { score, pass } = judgeCase(it, { text }, checks);
          const weights = assert.reduce((sum, { weight }) => sum + weight, 0);
          const held = assert.reduce((sum, { weight, value }) => sum + (text.includes(value) ? weight : 0), 0);
          const mean = weights === 0 ? 1 : held / weights;
          expect(score).toBeCloseTo(mean, 12);
          expect(pass).toBe(threshold === null ? held === weights : score >= threshold);
        },
      ),
    );
  });
});

describe('a suite with faults', () => {
  test('is told line by line, and the rest of it is read', () => {
    const one = lines({ id: 'a', prompt: 'x', assert: [{ type: 'is-json' }] });
    const { cases, faults } = readSuite(`\uFEFF${one}\nhello\n\n{"id": "b"}\n${one}\n`);
    expect(cases.map(({ id }) => id)).toEqual(['a']);
    expect(faults.map(({ line, code }) => [line, code])).toEqual([
      [2, 'not-json'],
      [4, 'not-a-case'],
      [5, 'same-id'],
    ]);
    expect(faults[2]?.what).toContain('in line 1');
  });
  test('of a person says what to do in its first line', () => {
    expect(() => parseSuite('{', 'person')).toThrow(
      expect.objectContaining({ code: 'invalid_suite', details: expect.objectContaining({ line: 1 }) }),
    );
  });
  test('never throws but for that, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => readSuite(text).cases.length + readSuite(text).faults.length > 0));
  });
});
