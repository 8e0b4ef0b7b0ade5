import { describe, expect, it } from 'vitest';
import { Breaker, FAILURES_TO_REST } from './breaker.ts';

const broken = (): Breaker => {
  const breaker = new Breaker();
  for (let i = 0; i < FAILURES_TO_REST; i += 1) breaker.failed(0);
  return breaker;
};

describe('a server that fails', () => {
  it('is asked on until it failed often enough in a row', () => {
    const breaker = new Breaker();
    for (let i = 1; i < FAILURES_TO_REST; i += 1) breaker.failed(0);
    expect(breaker.enter(0)).toBe(0);
    breaker.succeeded();
    for (let i = 1; i < FAILURES_TO_REST; i += 1) breaker.failed(0);
    expect(breaker.enter(0)).toBe(0);
    breaker.failed(0);
    expect(breaker.enter(0)).toBe(5000);
  });

  it('is asked by one request after its rest, and by all once that was answered', () => {
    const breaker = broken();
    expect(breaker.enter(4999)).toBe(1);
    expect(breaker.enter(5000)).toBe(0);
    expect(breaker.enter(5000)).toBeGreaterThan(0);
    breaker.succeeded();
    expect([breaker.enter(5001), breaker.enter(5001)]).toEqual([0, 0]);
  });

  it('rests twice as long after each try that failed, and never longer than a minute', () => {
    const breaker = broken();
    let nowMs = 0;
    const rests: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      const restMs = breaker.restMs(nowMs);
      rests.push(restMs);
      nowMs += restMs;
      expect(breaker.enter(nowMs)).toBe(0);
      breaker.failed(nowMs);
    }
    expect(rests).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('does not rest longer for requests that began before', () => {
    const breaker = broken();
    breaker.failed(100);
    expect(breaker.restMs(100)).toBe(4900);
  });

  it('is tried by the next when the one that was to find out went away', () => {
    const breaker = broken();
    expect(breaker.enter(5000)).toBe(0);
    breaker.abandoned();
    expect(breaker.enter(5000)).toBe(0);
  });
});
