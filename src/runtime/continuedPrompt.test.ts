import { describe, expect, it } from 'vitest';
import { continuedPrompt } from './continuedPrompt.ts';
import { BEGIN, createToy } from './testing/toyModel.ts';

const PROMPT = { kind: 'text', text: 'ab' } as const;
const continued = (tokenIds: number[], text: string, toy = createToy()) => continuedPrompt(toy, PROMPT, { tokenIds, text });

describe('the prompt of an answer that was cut short', () => {
  it('goes on behind what was given', () => {
    expect(continued([2, 3, 4], 'cde')).toEqual({ ids: [BEGIN, 0, 1, 2, 3, 4], tokens: 3, text: 'cde' });
  });

  it('leaves out what was held back as the beginning of a stop string', () => {
    expect(continued([2, 3, 4], 'cd')).toEqual({ ids: [BEGIN, 0, 1, 2, 3], tokens: 2, text: 'cd' });
  });

  it('leaves out half of a character', () => {
    const toy = createToy();
    // Token 25 alone is a byte that is no character; with 24 behind it, they are one.
    const decode = (ids: number[]) => toy.tokenizer.decode(ids).replace('zy', 'ü').replace(/z$/, '\uFFFD');
    const half = { ...toy, tokenizer: { ...toy.tokenizer, decode } };
    expect(continued([2, 25], 'c', half)).toEqual({ ids: [BEGIN, 0, 1, 2], tokens: 1, text: 'c' });
    expect(continued([2, 25, 24], 'cü', half)).toEqual({ ids: [BEGIN, 0, 1, 2, 25, 24], tokens: 3, text: 'cü' });
  });

  it('takes of a token that was given in part nothing, and says which text it stands for', () => {
    const toy = createToy();
    const long = { ...toy, tokenizer: { ...toy.tokenizer, decode: (ids: number[]) => toy.tokenizer.decode(ids).replaceAll('d', 'do') } };
    expect(continued([2, 3], 'cd', long)).toEqual({ ids: [BEGIN, 0, 1, 2], tokens: 1, text: 'c' });
  });
});
