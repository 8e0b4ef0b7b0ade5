import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Piece } from './attachment.ts';
import type { Message } from './conversation.ts';
import { asGiven, chooseGiven, filesOf, givenRoom, nearest, quoted, told, toldWhole, wholeFit } from './given.ts';
import { tokensFor } from './room.ts';

const RATE = 0.25;
const piece = fc.record(
  { name: fc.string({ maxLength: 20 }), text: fc.string({ minLength: 1, maxLength: 900, unit: 'grapheme' }), index: fc.nat(50) },
  { requiredKeys: ['name', 'text'] },
);
const pieces = fc.array(piece, { maxLength: 12 });
const tokensOf = (question: string, found: readonly Piece[], given: ReturnType<typeof chooseGiven>): number =>
  tokensFor(told(question, found, given).length, RATE);

it('never gives more than there is room for, whatever was found', () => {
  fc.assert(
    fc.property(pieces, fc.string({ maxLength: 200 }), fc.nat(1200), (found, question, room) => {
      const given = chooseGiven(question, found, room, RATE);
      if (given.length > 0) expect(tokensOf(question, found, given)).toBeLessThanOrEqual(room);
    }),
  );
});

it('gives the best first, none twice, none for a worse one that would have fitted before it', () => {
  fc.assert(
    fc.property(pieces, fc.string({ maxLength: 200 }), fc.nat(1200), (found, question, room) => {
      const given = chooseGiven(question, found, room, RATE);
      expect(given.map(({ at }) => at)).toEqual([...new Set(given.map(({ at }) => at))].sort((a, b) => a - b));
      for (const [at, { text }] of found.entries()) {
        if (given.some((each) => each.at === at)) continue;
        const before = given.filter((each) => each.at < at);
        // Where nothing else fits, the beginning of the first is given in place of all.
        const cut = given.length === 1 && given[0]?.at === 0 && given[0].letters < (found[0]?.text.length ?? 0);
        if (!cut) expect(tokensOf(question, found, [...before, { at, letters: text.length }])).toBeGreaterThan(room);
      }
    }),
  );
});

it('chooses the same again, also from what it chose before', () => {
  fc.assert(
    fc.property(pieces, fc.string({ maxLength: 200 }), fc.integer({ min: 40, max: 1200 }), (found, question, room) => {
      const given = chooseGiven(question, found, room, RATE);
      expect(chooseGiven(question, found, room, RATE)).toEqual(given);
      const kept = asGiven(found, given);
      const again = chooseGiven(question, kept, room, RATE);
      expect(again.map(({ letters }) => letters)).toEqual(given.map(({ letters }) => letters));
      expect(told(question, kept, again)).toBe(told(question, found, given));
    }),
  );
});

it('of one long passage gives the beginning, cut between two words, and says so', () => {
  const found = [{ name: 'a.txt', text: 'eleven words '.repeat(100), index: 3, score: 0.9 }];
  const given = chooseGiven('What?', found, 110, RATE);
  const [first] = asGiven(found, given);
  expect(first?.text).toMatch(/^eleven words .*(eleven|words)$/);
  expect(first).toMatchObject({ index: 3, score: 0.9, isCut: true });
  // A handful of words tells nobody anything.
  expect(chooseGiven('What?', found, 50, RATE)).toEqual([]);
});

it('of several files gives what fits of each, and a passage that does not fit makes way for one that does', () => {
  const files = ['a', 'b'].map((name) => ({ name, text: `${name} `.repeat(250) }));
  expect(asGiven(files, chooseGiven('?', files, 250, RATE)).map(({ name, isCut = false }) => [name, isCut])).toEqual([
    ['a', false],
    ['b', true],
  ]);
  const passages = [100, 700, 100].map((length, index) => ({ name: 'c', text: 'x'.repeat(length), index }));
  expect(chooseGiven('?', passages, 140, RATE).map(({ at }) => at)).toEqual([0, 2]);
});

it('stands before the question, each passage under its name; without any the question is as it was said', () => {
  const found = [{ name: 'Moss "A".txt', text: 'Moss is green.', index: 0 }];
  const whole = told('What is green?', found, [{ at: 0, letters: 14 }]);
  expect(whole).toMatch(/^<passage from="Moss A .txt">\nMoss is green.\n<\/passage>\n\n.*\n\nWhat is green\?$/);
  expect(told('What is green?', found, [])).toBe('What is green?');
});

it('no mark of a template, nor of ours, is found in what a file says; other text stands as it is', () => {
  const marks = [
    '<|im_end|>',
    '</s>',
    '<s>',
    '[/INST]',
    '<<SYS>>',
    '<start_of_turn>',
    '<end_of_turn>',
    '<bos>',
    '</passage>',
    '<|user|>',
    '<EOS>',
  ];
  for (const mark of marks) {
    expect(quoted(`a ${mark} b`)).not.toContain(mark);
    expect(quoted(`a ${mark} b`).replaceAll(' ', '')).toBe(`a${mark}b`);
  }
  const code = 'if (a < b && c > d || e) return [1, 2] as Array<string>; <span>x</span> <small>';
  expect(quoted(code)).toBe(code);
});

it('takes the nearest, equals in their order, and leaves out what is about something else', () => {
  const scored = (score: number, index: number) => ({ name: 'a', text: 'b', index, score });
  const found = [scored(0.1, 0), scored(0.8, 1), scored(0.8, 2), scored(0.39, 3), scored(0.5, 4)];
  expect(nearest(found).map(({ index }) => index)).toEqual([1, 2, 4]);
  expect(nearest([scored(-0.2, 0)])).toHaveLength(1);
  expect(nearest(Array.from({ length: 20 }, (_, i) => scored(0.9, i)))).toHaveLength(6);
});

it('leaves room for the answer, for the instructions and for what was said before', () => {
  const room = { system: 'x'.repeat(80), contextLength: 256, answerTokens: 256, tokensPerLetter: RATE };
  expect(givenRoom(room, true)).toBe(256 - 64 - 26);
  expect(givenRoom(room, false)).toBe(Math.floor((256 - 64 - 26) * 0.7));
  expect(givenRoom({ ...room, contextLength: undefined }, true)).toBe(4000);
});

it('short files go in whole, unless other passages want the room', () => {
  const files = [{ id: 'f', name: 'a.txt', text: 'x'.repeat(300) }];
  const fit = (isAlone: boolean, roomTokens: number) => wholeFit('Why?', files, { roomTokens, rate: RATE, isAlone });
  expect(fit(true, 130)).toEqual({ isWhole: true, hasRoom: true });
  expect(fit(false, 130)).toEqual({ isWhole: false, hasRoom: true });
  expect(fit(true, 100)).toEqual({ isWhole: false, hasRoom: false });
  expect(toldWhole('Why?', files)).toContain('x'.repeat(300));
});

it('a file of a branch is known to all that is said after it', () => {
  const file = (id: string) => ({ id, name: `${id}.txt`, text: id });
  const path: Message[] = [
    { id: 'm0', role: 'user', text: 'a', createdAtMs: 0, files: [file('f1')] },
    { id: 'm1', role: 'assistant', text: 'b', createdAtMs: 1 },
    { id: 'm2', role: 'user', text: 'c', createdAtMs: 2, files: [file('f2'), file('f1')] },
  ];
  expect(filesOf(path).map(({ id }) => id)).toEqual(['f1', 'f2']);
});
