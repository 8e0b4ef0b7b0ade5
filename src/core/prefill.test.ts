import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PromptCuts, prefillBlocks, sharedBlocks, wholeBlocks } from './prefill.ts';

const cuts = (sinkTokens: readonly number[], turnEnds: readonly number[] = [], lead: readonly number[] = []): PromptCuts => ({
  sinkTokens: new Set(sinkTokens),
  turnEnds: new Set(turnEnds),
  lead,
});

it('evaluates sink tokens in calls of their own, those in a row together', () => {
  expect(prefillBlocks([1, 5, 6, 13, 13, 7], cuts([1, 13]))).toEqual([[1], [5, 6], [13, 13], [7]]);
  expect(prefillBlocks([5, 13], cuts([1, 13]))).toEqual([[5], [13]]);
});

it('never lets a sink token share a call with another kind of token', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 400 }), (prompt) => {
      const given = cuts([3, 7], [2, 7]);
      for (const block of prefillBlocks(prompt, given)) expect(new Set(block.map((id) => given.sinkTokens.has(id))).size).toBe(1);
    }),
  );
});

it('evaluates a short prompt without sinks in one call', () => {
  expect(prefillBlocks([4, 5, 6], cuts([]))).toEqual([[4, 5, 6]]);
});

const leads = fc.array(fc.nat(4), { maxLength: 3 });

it('cuts at the same places for every prompt that begins alike', () => {
  const ends = (prompt: number[], given: PromptCuts) => {
    let at = 0;
    return sharedBlocks(prompt, given).map((block) => {
      at += block.length;
      return at;
    });
  };
  const tokens = fc.array(fc.nat(20), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(tokens, tokens, leads, (head, tail, lead) => {
      const sinks = cuts([3, 7], [2, 7], lead);
      const whole = [...head, ...tail];
      expect(prefillBlocks(whole, sinks).flat()).toEqual(whole);
      expect(Math.max(...prefillBlocks(whole, sinks).map((block) => block.length))).toBeLessThanOrEqual(128);
      // The last end is where the shorter prompt stops; all before must be shared.
      const shared = ends(head, sinks).slice(0, -1);
      expect(ends(whole, sinks).slice(0, shared.length)).toEqual(shared);
    }),
  );
});

it('tells the blocks that every prompt with the same beginning has', () => {
  const tokens = fc.array(fc.nat(20), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(tokens, tokens, fc.nat(400), leads, (head, tail, length, lead) => {
      const sinks = cuts([3, 7], [2, 7], lead);
      const whole = wholeBlocks(head, sinks, length);
      const ids = whole.flat();
      expect(ids).toEqual(head.slice(0, Math.min(length, ids.length)));
      // Alone, and with anything behind what was seen, they are cut as they were.
      expect(sharedBlocks(ids, sinks)).toEqual(whole);
      expect(sharedBlocks([...head.slice(0, length), ...tail], sinks).slice(0, whole.length)).toEqual(whole);
      // No block is missing that ends before the last token that was seen, or before what of a lead could still be one, and is cut so alone.
      const next = sharedBlocks(head, sinks)[whole.length];
      const undecided = Math.max(0, lead.length - 1);
      if (next && ids.length + next.length < Math.min(length, head.length) - undecided)
        expect(sharedBlocks([...ids, ...next], sinks)).not.toEqual([...whole, next]);
    }),
    {
      examples: [
        [[0, 2, 2, 0], [0], 3, [2, 1]],
        [[0, 2, 2, 0], [0], 4, [2, 1]],
      ],
    },
  );
});

describe('in a conversation', () => {
  const END = 2;
  const turn = (length: number) => [...Array.from({ length: length - 1 }, (_, i) => 10 + i), END];
  const lengths = (prompt: readonly number[]) => prefillBlocks(prompt, cuts([], [END])).map((block) => block.length);

  it('ends a block behind each turn, and reads a short last one and what a template writes behind it in one call', () => {
    expect(lengths([...turn(18), 4, 5, 6])).toEqual([21]);
    expect(lengths([...turn(18), ...turn(13), ...turn(15), 4, 5, 6])).toEqual([18, 13, 18]);
    expect(lengths([...turn(18), ...turn(13), ...turn(40), 4, 5, 6])).toEqual([18, 13, 40, 3]);
  });

  it('ends one behind what a template writes before a person’s words, where that follows', () => {
    const led = (prompt: readonly number[]) => prefillBlocks(prompt, cuts([], [END], [4, 5])).map((block) => block.length);
    expect(led([...turn(18), 4, 6, ...turn(40), 4, 5, ...turn(50), 4, 6, 7])).toEqual([18, 44, 50, 3]);
    expect(led([...turn(40), 4, 5, 9, 8])).toEqual([42, 2]);
    expect(led([...turn(40), 4])).toEqual([41]);
  });

  it('does not join over a fixed position, nor over a sink token', () => {
    expect(lengths([...turn(100), ...turn(28), 4, 5])).toEqual([100, 28, 2]);
    expect(prefillBlocks([8, END, 9], cuts([END], [END]))).toEqual([[8], [END], [9]]);
  });

  it('does not part a beginning that is written as an end', () => {
    expect(lengths([END, 8, 9])).toEqual([3]);
  });

  it('has the next turn begin with all that lies before its question', () => {
    const turns = fc.array(fc.integer({ min: 2, max: 90 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(turns, fc.integer({ min: 2, max: 60 }), (history, question) => {
        for (const lead of [[], [4, 5]]) {
          const before = [...history.flatMap(turn), ...lead];
          const whole = wholeBlocks(before, cuts([], [END], lead), before.length);
          expect(whole.flat()).toEqual(before);
          const next = [...before, ...turn(question), 4, 6];
          expect(prefillBlocks(next, cuts([], [END], lead)).slice(0, whole.length)).toEqual(whole);
        }
      }),
    );
  });
});
