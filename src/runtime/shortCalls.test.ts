import { expect, test } from 'vitest';
import type { ReadScores } from './causalModel.ts';
import { inShortCalls, longestSoundCallOn } from './shortCalls.ts';
import { createToy } from './testing/toyModel.ts';

const gpu = (subgroupMinSize: number | undefined, features: readonly string[] = ['subgroups']) =>
  longestSoundCallOn({
    features: new Set(features) as unknown as GPUSupportedFeatures,
    adapterInfo: { ...(subgroupMinSize === undefined ? {} : { subgroupMinSize }) } as unknown as GPUAdapterInfo,
  });

test('calls are short where subgroups are small or untold, and as long as they like elsewhere', () => {
  expect([gpu(4), gpu(undefined)]).toEqual([31, 31]);
  expect([gpu(8), gpu(32), gpu(4, [])]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
});

test('a long call is several short ones, and the scores are those behind the last token, of a fork and of what was kept as well', async () => {
  const toy = createToy();
  const model = inShortCalls(toy.model, 4);
  const sequence = model.start();
  const next = (scores: Float32Array) => scores.indexOf(Math.max(...scores));
  expect(next(await sequence.forward([1, 2, 3, 4, 5, 6, 7, 8, 9]))).toBe(10);
  expect(next(await sequence.forward([10, 11, 12, 13]))).toBe(14);
  expect(toy.calls).toEqual([[1, 2, 3, 4], [5, 6, 7, 8], [9], [10, 11, 12, 13]]);
  expect(sequence.length).toBe(13);
  const fork = sequence.fork();
  await fork.forward([14, 15, 16, 17, 18]);
  expect([fork.length, sequence.length]).toEqual([18, 13]);
  const block = sequence.keep(0);
  const other = model.start();
  other.restore([block]);
  expect(next(await other.forward([3, 4, 5, 6, 7]))).toBe(8);
  expect(toy.calls.slice(-2)).toEqual([[3, 4, 5, 6], [7]]);
  expect(sequence.forwardEach).toBeUndefined();
  for (const each of [sequence, fork, other]) each.release();
  expect(toy.open).toBe(0);
  expect(inShortCalls(toy.model, Number.POSITIVE_INFINITY)).toBe(toy.model);
});

test('scores behind each token come part after part, each with its place', async () => {
  const calls: number[][] = [];
  const start = () => ({
    ...createToy().model.start(),
    forwardEach: async (ids: readonly number[], read: ReadScores) => {
      calls.push([...ids]);
      read(Float32Array.from(ids), 0);
    },
  });
  const sequence = inShortCalls({ ...createToy().model, start }, 4).start();
  const rows: Array<readonly [number, number[]]> = [];
  await sequence.forwardEach?.([1, 2, 3, 4, 5, 6, 7, 8, 9], (scores, from) => rows.push([from, [...scores]]));
  expect(calls).toEqual([[1, 2, 3, 4], [5, 6, 7, 8], [9]]);
  expect(rows).toEqual([
    [0, [1, 2, 3, 4]],
    [4, [5, 6, 7, 8]],
    [8, [9]],
  ]);
});
