import { describe, expect, it } from 'vitest';
import { toSrt, toText, toVtt } from './captions.ts';

const SEGMENTS = [
  { id: 0, start: 0, end: 2.5, text: ' Hello there.' },
  { id: 1, start: 3661.0409, end: 3662.9996, text: ' 1 < 2 & 3 --> 4' },
];

describe('a transcript as a file', () => {
  it('is numbered SubRip with commas before the milliseconds', () => {
    expect(toSrt(SEGMENTS)).toBe('1\n00:00:00,000 --> 00:00:02,500\nHello there.\n\n2\n01:01:01,041 --> 01:01:03,000\n1 < 2 & 3 --> 4\n');
  });

  it('is WebVTT whose text cannot be taken for markup or timing', () => {
    expect(toVtt(SEGMENTS)).toBe(
      'WEBVTT\n\n00:00:00.000 --> 00:00:02.500\nHello there.\n\n01:01:01.041 --> 01:01:03.000\n1 &lt; 2 &amp; 3 --&gt; 4\n',
    );
  });

  it('is plain text with a line for each segment', () => {
    expect(toText(SEGMENTS)).toBe('Hello there.\n1 < 2 & 3 --> 4\n');
  });
});
