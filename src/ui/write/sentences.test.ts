import { describe, expect, it } from 'vitest';
import { splitSentences } from './sentences.ts';

describe('streamed text for a listener', () => {
  it('holds back a sentence that has not ended', () => {
    expect(splitSentences('Lily ran home. She was')).toEqual({ whole: 'Lily ran home.', rest: 'She was' });
  });

  it('says several sentences at once and keeps the closing quote with its sentence', () => {
    expect(splitSentences('"Come!" he said. "Now." And')).toEqual({ whole: '"Come!" he said. "Now."', rest: 'And' });
  });

  it('says nothing while no sentence has ended, so that a number with a point is not cut', () => {
    expect(splitSentences('It took 3.5')).toEqual({ whole: '', rest: 'It took 3.5' });
  });
});
