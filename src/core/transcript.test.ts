import { expect, it } from 'vitest';
import { readWindow } from './transcript.ts';

const BEGIN = 1000;
/** Token of a time in seconds. */
const at = (seconds: number) => BEGIN + Math.round(seconds / 0.02);

it('takes segments between pairs of timestamps', () => {
  const { segments, advanceSeconds } = readWindow([at(0), 1, 2, at(4), at(4), 3, at(7.5)], BEGIN, 30);
  expect(segments).toEqual([
    { ids: [1, 2], fromSeconds: 0, toSeconds: 4 },
    { ids: [3], fromSeconds: 4, toSeconds: 7.5 },
  ]);
  expect(advanceSeconds).toBe(30);
});

it('leaves a sentence that the window cuts to the next window', () => {
  const { segments, advanceSeconds } = readWindow([at(0), 1, at(21), at(21), 2, 3], BEGIN, 30);
  expect(segments).toEqual([{ ids: [1], fromSeconds: 0, toSeconds: 21 }]);
  expect(advanceSeconds).toBe(21);
});

it('goes on from a pair that ends the window', () => {
  expect(readWindow([at(0), 1, at(12), at(12)], BEGIN, 30).advanceSeconds).toBe(12);
});

it('takes a window without inner timestamps as one segment', () => {
  expect(readWindow([at(0), 1, 2, at(3)], BEGIN, 5)).toEqual({
    segments: [{ ids: [1, 2], fromSeconds: 0, toSeconds: 3 }],
    advanceSeconds: 5,
  });
  expect(readWindow([1, 2], BEGIN, 5).segments).toEqual([{ ids: [1, 2], fromSeconds: 0, toSeconds: 5 }]);
});

it('always moves forward, whatever the model said', () => {
  expect(readWindow([], BEGIN, 30)).toEqual({ segments: [], advanceSeconds: 30 });
  expect(readWindow([at(0), at(0)], BEGIN, 30).advanceSeconds).toBe(30);
  expect(readWindow([at(0), 1, at(0), at(0), 2], BEGIN, 30).advanceSeconds).toBe(30);
});

it('keeps times inside the audio: the padding after a short recording is no speech', () => {
  expect(readWindow([at(0), 1, at(29)], BEGIN, 3.5).segments).toEqual([{ ids: [1], fromSeconds: 0, toSeconds: 3.5 }]);
});
