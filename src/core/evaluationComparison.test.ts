import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreementOf, bitsPerByteOf } from './assertions.ts';
import { casesOfBoth, compareCases, retentionOf } from './evaluationComparison.ts';
import { addScores } from './evaluationRun.ts';

const verdicts = fc
  .uniqueArray(fc.record({ id: fc.constantFrom(...'abcdefgh'), pass: fc.boolean() }), { selector: ({ id }) => id })
  .map((list) => ({ verdicts: list.map((each) => ({ ...each, score: each.pass ? 1 : 0 })) }));

describe('two runs', () => {
  it('have each case once, and lose only what passed before', () => {
    fc.assert(
      fc.property(verdicts, verdicts, (first, second) => {
        const cases = compareCases(first, second);
        expect(cases.map(({ id }) => id).sort()).toEqual([...new Set([...first.verdicts, ...second.verdicts].map(({ id }) => id))].sort());
        const { passedBefore, retained, lost, gained } = retentionOf(first, second);
        expect(passedBefore).toBe(retained + lost.length);
        const passed = ({ verdicts: of }: typeof first) => of.filter(({ pass }) => pass).map(({ id }) => id);
        expect(passed(first)).toEqual(expect.arrayContaining([...lost]));
        expect(passed(second)).toEqual(expect.arrayContaining([...gained]));
      }),
    );
  });

  it('of which one is the other keep everything', () => {
    fc.assert(
      fc.property(verdicts, (run) => {
        const { lost, gained, passedBefore, retained } = retentionOf(run, run);
        expect([lost, gained, retained]).toEqual([[], [], passedBefore]);
      }),
    );
  });

  it('show the cases that only the first has as well', () => {
    const of = (...ids: string[]) => ids.map((id) => ({ asked: { id }, run: ids.join('') }));
    expect(casesOfBoth(of('a', 'old', 'b'), of('b', 'new', 'a')).map(({ asked, run }) => [asked.id, run])).toEqual([
      ['b', 'bnewa'],
      ['new', 'bnewa'],
      ['a', 'bnewa'],
      ['old', 'aoldb'],
    ]);
  });

  it('tell what was lost, gained, and is in one of both only', () => {
    const of = (...list: Array<[string, boolean]>) => ({ verdicts: list.map(([id, pass]) => ({ id, pass, score: 0 })) });
    const cases = compareCases(of(['a', true], ['b', false], ['old', true]), of(['a', false], ['b', true], ['new', true]));
    expect(cases.map(({ id, change }) => [id, change])).toEqual([
      ['a', 'lost'],
      ['b', 'gained'],
      ['new', 'alone'],
      ['old', 'alone'],
    ]);
  });
});

describe('figures of texts', () => {
  it('agree by the share of places with the same token, where they were cut alike', () => {
    expect(agreementOf([1, 2, 3, 4], [1, 2, 0, 4])).toBe(0.75);
    expect(agreementOf([1, 2], [1, 2, 3])).toBeUndefined();
    expect(agreementOf([], [])).toBeUndefined();
  });

  it('are bits per byte: what a uniform choice among 256 costs is 8', () => {
    expect(bitsPerByteOf({ nll: Math.log(256), tokens: 10, bytes: 10 })).toBeCloseTo(8, 12);
    expect(bitsPerByteOf({ nll: Math.log(256), tokens: 10, bytes: 40 })).toBeCloseTo(2, 12);
  });

  it('add up by their tokens, in any order, without those that are no numbers', () => {
    const score = fc.record({
      nll: fc.double({ min: 0, max: 20, noNaN: true }),
      tokens: fc.integer({ min: 1, max: 99 }),
      bytes: fc.nat(99),
    });
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 9 }), (scores) => {
        const sum = addScores(undefined, scores);
        const tokens = scores.reduce((all, each) => all + each.tokens, 0);
        expect(sum?.tokens).toBe(tokens);
        expect(sum?.nll).toBeCloseTo(scores.reduce((all, each) => all + each.nll * each.tokens, 0) / tokens, 8);
        expect(addScores(sum, [{ nll: Number.NaN, tokens: 3, bytes: 3 }])).toEqual(sum);
      }),
    );
  });
});
