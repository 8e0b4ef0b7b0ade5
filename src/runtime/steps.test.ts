import { describe, expect, it } from 'vitest';
import { createSteps } from './steps.ts';

function watched() {
  const steps = createSteps();
  const told: number[] = [];
  steps.watch((longestMs) => told.push(longestMs));
  return { steps, told };
}

describe('a worker whose steps are long', () => {
  it('tells of each of them, and how long the longest was', () => {
    const { steps, told } = watched();
    steps.note(4000, 128);
    steps.note(1500, 100);
    steps.note(6000, 128);
    expect(told).toEqual([4000, 4000, 6000]);
  });

  it('expects a whole block of a prompt to take as long as its tokens, by the fastest of those, before there was one', () => {
    const { steps, told } = watched();
    steps.note(300, 1);
    steps.note(250, 1);
    steps.note(900, 1);
    expect(told).toEqual([300 * 128]);
    const late: number[] = [];
    steps.watch((longestMs) => late.push(longestMs));
    expect(late).toEqual(told);
  });

  it('expects it by a call of two tokens as well, which a model makes before anybody asks', () => {
    const { steps, told } = watched();
    steps.note(600, 2);
    expect(told).toEqual([300 * 128]);
  });

  it('says nothing where all are short', () => {
    const { steps, told } = watched();
    for (let i = 0; i < 100; i++) steps.note(3, 1);
    steps.note(200, 128);
    expect(told).toEqual([]);
  });
});
