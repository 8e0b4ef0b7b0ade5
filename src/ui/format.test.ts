import { describe, expect, it } from 'vitest';
import {
  dayLabels,
  formatBytes,
  formatClock,
  formatDuration,
  formatLanguage,
  formatParameters,
  formatPercent,
  formatSignedPercent,
  formatSpan,
  plural,
} from './format.ts';

describe('sizes', () => {
  it('are told in decimal units with one digit below a hundred', () => {
    expect([0, 999, 1000, 24_633_344, 322_591_712, 1_500_000_000].map(formatBytes)).toEqual([
      '0 bytes',
      '999 bytes',
      '1 kB',
      '24.6 MB',
      '323 MB',
      '1.5 GB',
    ]);
  });

  it('step to the next unit instead of showing a thousand of the smaller', () => {
    expect(formatBytes(999_700)).toBe('1 MB');
  });
});

describe('durations', () => {
  it('are told as a person would say them', () => {
    expect([0.042, 3.24, 12.6, 59.7, 80, 7500].map(formatDuration)).toEqual([
      '42 ms',
      '3.2 sec',
      '13 sec',
      '1 min 0 sec',
      '1 min 20 sec',
      '2 hr 5 min',
    ]);
  });
});

describe('spans that nobody watches by the second', () => {
  it('are told to the minute', () => {
    expect([0.2, 40, 59.7, 300, 3590, 3600, 5400].map(formatSpan)).toEqual([
      ...['1 sec', '40 sec', '1 min', '5 min', '1 hr', '1 hr', '1 hr 30 min'],
    ]);
  });
});

describe('places in a recording', () => {
  it('show hours only when there are any', () => {
    expect([0, 7.9, 725, 3723].map(formatClock)).toEqual(['0:00', '0:07', '12:05', '1:02:03']);
  });
});

describe('parameter counts', () => {
  it('are rounded to three digits of millions or billions', () => {
    expect([15_191_712, 22_713_216, 1_100_048_384].map(formatParameters)).toEqual(['15.2M', '22.7M', '1.1B']);
  });
});

describe('languages', () => {
  it('are named, and a tag that is no language stays as it is', () => {
    expect([formatLanguage('de'), formatLanguage('not a tag')]).toEqual(['German', 'not a tag']);
  });
});

describe('a counted text', () => {
  it('has one form for one and another for none and many', () => {
    expect([0, 1, 2, 21, 1.5].map((count) => plural(count, '1 line', `${count} lines`))).toEqual([
      ...['0 lines', '1 line', '2 lines', '21 lines', '1.5 lines'],
    ]);
  });
});

describe('a share', () => {
  it('is written as the language writes it, with its sign where it is a difference', () => {
    expect([formatPercent(0.123), formatPercent(0.0456, 2), formatSignedPercent(0.05, 1), formatSignedPercent(-0.2)]).toEqual([
      ...['12%', '4.56%', '+5%', '-20%'],
    ]);
  });
});

describe('places on an axis', () => {
  const at = (...[year, month, day, hour]: [number, number, number, number]): number => new Date(year, month, day, hour).getTime();

  it('are named by the time where all are of one day, by the day where they are of one year, and else with it', () => {
    expect(dayLabels([at(2026, 9, 1, 9), at(2026, 9, 1, 14)]).map((label) => label.replace(/\s/g, ' '))).toEqual(['9:00 AM', '2:00 PM']);
    expect(dayLabels([at(2026, 9, 1, 9), at(2026, 10, 2, 9)])).toEqual(['Oct 1', 'Nov 2']);
    expect(dayLabels([at(2025, 9, 1, 9), at(2026, 9, 1, 9)])).toEqual(['Oct 1, 25', 'Oct 1, 26']);
    expect(dayLabels([])).toEqual([]);
  });
});
