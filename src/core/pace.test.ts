import { describe, expect, it } from 'vitest';
import { Pace, TransferMeter } from './pace.ts';

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

describe('what is told of a transfer', () => {
  const total = 1000;
  const marked = (atMs: number, receivedBytes: number, storedBytes = receivedBytes) => {
    const meter = new TransferMeter();
    meter.mark(0, { receivedBytes: 0, storedBytes: 0, totalBytes: total });
    meter.mark(atMs, { receivedBytes, storedBytes, totalBytes: total });
    return meter;
  };

  it('is nothing before its beginning', () => {
    expect(new TransferMeter().read(0)).toBeUndefined();
  });

  it('has a speed a second later even when everything that comes came at once', () => {
    const meter = marked(10, 500);
    expect(meter.read(10)?.bytesPerSecond).toBeUndefined();
    expect(meter.read(1000)).toMatchObject({ bytesPerSecond: 500, secondsLeft: 1 });
  });

  it('falls while nothing comes, down to nothing', () => {
    const meter = marked(1000, 500);
    const speeds = [1000, 2000, 3000, 4000, 5000, 6000, 7000].map((atMs) => meter.read(atMs)?.bytesPerSecond ?? -1);
    expect(speeds).toEqual([...speeds].sort((a, b) => b - a));
    expect(speeds[0]).toBe(500);
    expect(speeds.at(-1)).toBe(0);
    expect(meter.read(7000)?.secondsLeft).toBeUndefined();
  });

  it('is quiet after some seconds without a byte, until the next one', () => {
    const meter = marked(1000, 500);
    expect([4000, 5000].map((atMs) => meter.read(atMs)?.isQuiet)).toEqual([false, true]);
    meter.mark(6000, { receivedBytes: 501, storedBytes: 500, totalBytes: total });
    expect(meter.read(6500)?.isQuiet).toBe(false);
  });

  it('is not quiet while a slow disk still writes, nor when all is there', () => {
    const meter = marked(1000, total, 100);
    meter.mark(4500, { receivedBytes: total, storedBytes: 600, totalBytes: total });
    expect(meter.read(7000)?.isQuiet).toBe(false);
    expect(marked(1000, total).read(60_000)?.isQuiet).toBe(false);
  });
});
