import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

describe('the pace of a transfer', () => {
  it('says nothing before there is something to say', () => {
    const pace = new Pace();
    pace.mark(0, 0);
    pace.mark(100, 1000);
    expect(pace.bytesPerSecond()).toBeUndefined();
    expect(pace.secondsLeft(1000)).toBeUndefined();
  });

  it('follows the last seconds, not the whole', () => {
    const pace = new Pace();
    for (let second = 0; second <= 60; second += 1) pace.mark(second * 1000, second * 1000);
    for (let second = 61; second <= 70; second += 1) pace.mark(second * 1000, 60_000 + (second - 60) * 5000);
    expect(pace.bytesPerSecond()).toBeCloseTo(5000, 0);
    expect(pace.secondsLeft(10_000)).toBeCloseTo(2, 1);
  });

  it('has no time left to tell when nothing moves', () => {
    const pace = new Pace();
    for (let second = 0; second <= 10; second += 1) pace.mark(second * 1000, 500);
    expect(pace.secondsLeft(1000)).toBeUndefined();
  });
});
