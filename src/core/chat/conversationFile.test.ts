import { describe, expect, it } from 'vitest';
import { SillError } from '../errors.ts';
import { excerpt, folded, hasWords, wordsOf } from '../words.ts';
import { type Head, type Message, titleOf } from './conversation.ts';
import { fileNameOf, parseConversationFile, toConversationFile, toMarkdown } from './conversationFile.ts';

const head: Head = { id: 'c1', title: 'Tales', createdAtMs: 1, updatedAtMs: 2, model: 'teller', system: 'Be brief.', leaf: 'm2' };
const messages: readonly Message[] = [
  { id: 'm1', role: 'user', text: 'Tell me **one**', createdAtMs: 1 },
  {
    id: 'm2',
    parent: 'm1',
    role: 'assistant',
    text: 'Once',
    createdAtMs: 2,
    answer: { state: 'done', ending: 'stop', model: 'teller', tokens: [1, 2] },
  },
];

describe('conversations in a file', () => {
  it('come back as they were, with all branches', () => {
    expect(parseConversationFile(toConversationFile([{ head, messages }], 5))).toEqual([{ head, messages }]);
  });

  it.each<[string, string, (text: string) => string]>([
    ['is no JSON', 'foreign', () => 'hello'],
    ['is cut off', 'damaged', (text) => text.slice(0, -9)],
    ['is of another kind', 'foreign', (text) => text.replace('sill-conversations', 'notes')],
    ['is a list of something', 'foreign', () => '[1]'],
    ['is of a later version', 'version', (text) => text.replace('"version": 1', '"version": 2')],
    ['has a message of nobody', 'damaged', (text) => text.replace('"role": "user"', '"role": "ghost"')],
    ['has an id that is none', 'damaged', (text) => text.replace('"id": "m1"', '"id": "../m1"')],
  ])('that %s are refused with words that say so', (_what, fault, damage) => {
    const read = () => parseConversationFile(damage(toConversationFile([{ head, messages }], 5)));
    expect(read).toThrow(SillError);
    expect(read).toThrow(expect.objectContaining({ details: { file: 'conversations', fault } }));
    expect(read).toThrow(/Nothing was changed/);
  });

  it('are Markdown to be read: title, instructions, who said what', () => {
    const text = toMarkdown(head, messages, { person: 'You', instructions: 'Instructions', answer: 'Answer', given: 'Given' });
    expect(text).toBe('# Tales\n\n## Instructions\n\nBe brief.\n\n## You\n\nTell me **one**\n\n## teller\n\nOnce\n');
  });

  it('carry files and what was found in them, and tell readers what an answer was given', () => {
    const [question, answered] = messages;
    if (!question || !answered?.answer) throw new Error('there is no answer');
    const asked: readonly Message[] = [
      {
        ...question,
        files: [{ id: 'f1', name: 'moss.txt', text: 'Moss is green.\nIt is soft.' }],
        sources: { files: ['f1'], documents: false },
        given: [
          { name: 'moss.txt', text: 'Moss is green.\nIt is soft.' },
          { name: 'rust.txt', text: 'Rust is red.', index: 4, score: 0.5 },
        ],
      },
      { ...answered, answer: { ...answered.answer, given: { pieces: [{ at: 0, letters: 26 }], tokens: 20 } } },
    ];
    expect(parseConversationFile(toConversationFile([{ head, messages: asked }], 5))).toEqual([{ head, messages: asked }]);
    const text = toMarkdown(head, asked, { person: 'You', instructions: 'Instructions', answer: 'Answer', given: 'Given' });
    expect(text).toMatch(/## teller\n\nOnce\n\n### Given\n\n\*\*moss\.txt\*\*\n\n> Moss is green\.\n> It is soft\.\n$/);
  });

  it('have names that every file system takes', () => {
    expect([fileNameOf('Was ist „Größe“? 1/2'), fileNameOf('…')]).toEqual(['Was-ist-Größe-1-2', 'conversation']);
  });
});

describe('a title', () => {
  it('is the first words, without marks, cut between two of them', () => {
    expect(titleOf('  # Hello\n\n**world** ')).toBe('Hello world');
    expect(titleOf(`${'word '.repeat(30)}`)).toBe(`${'word '.repeat(12).trim()}…`);
    expect(titleOf('***')).toBe('');
  });
});

describe('a search', () => {
  it('finds words without regard to case and accents, in any order, and shows where they stand', () => {
    const text = 'A long way to the Café\nof the old town';
    expect(hasWords(folded(text), wordsOf('TOWN cafe'))).toBe(true);
    expect(hasWords(folded(text), wordsOf('town tea'))).toBe(false);
    expect(excerpt(text, wordsOf('cafe'))).toContain('Café of the old');
    expect(excerpt(text, wordsOf('tea'))).toBeUndefined();
  });
});
