import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { KeepAliveMsSchema, parseKeepAlive } from './keepAlive.ts';

describe('how long a model is kept', () => {
  it.each([
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['.5s', 500],
    ['10us', 0.01],
    [90, 90_000],
    ['90', 90_000],
    [0, 0],
    [-0, 0],
    ['0', 0],
    ['0s', 0],
    [-1, Number.POSITIVE_INFINITY],
    ['-1', Number.POSITIVE_INFINITY],
    ['-1m', Number.POSITIVE_INFINITY],
    ['-1h30m', Number.POSITIVE_INFINITY],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])('is read from %j as Ollama reads it', (value, ms) => {
    expect(parseKeepAlive(value)).toBe(ms);
  });

  it.each(['', 'soon', '5x', '5 m', 'm', '1h-30m', '1d', '5m5', 'Infinity', '1e3', Number.NaN])('is not guessed from %j', (value) => {
    expect(parseKeepAlive(value)).toBeUndefined();
  });

  it('is the sum of its parts, whatever their order and number', () => {
    const units = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
    const part = fc.record({ count: fc.nat(1000), unit: fc.constantFrom('h', 'm', 's', 'ms') });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const text = parts.map(({ count, unit }) => `${count}${unit}`).join('');
        const total = parts.reduce((sum, { count, unit }) => sum + count * units[unit], 0);
        expect(parseKeepAlive(text)).toBe(total);
        expect(parseKeepAlive(`+${text}`)).toBe(total);
        expect(parseKeepAlive(`-${text}`)).toBe(total === 0 ? 0 : Number.POSITIVE_INFINITY);
      }),
    );
  });

  it('never throws and is never negative or no number, whatever is sent', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double(), fc.stringMatching(/^[-+.\dhmsu]{0,12}$/)), (value) => {
        const ms = parseKeepAlive(value);
        expect(ms === undefined || ms >= 0).toBe(true);
      }),
    );
  });

  it('of a request is refused with words that say what is expected', () => {
    const result = v.safeParse(KeepAliveMsSchema, 'a while');
    expect(result.issues?.[0].message).toContain('"5m"');
    expect(v.parse(KeepAliveMsSchema, '2m')).toBe(120_000);
  });
});
