import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LOG_CODES, type LogEvent, logLine, safeDetails, searchLog, toJsonl } from './log.ts';

describe('a line of the log', () => {
  test('has its level, its subject and its words from its code', () => {
    expect(logLine({ code: 'update-rejected', model: 'tiny', details: { failure: 'suite' } }, 5)).toEqual({
      ...{ atMs: 5, level: 'warning', subject: 'update', code: 'update-rejected', model: 'tiny' },
      ...{ message: 'A new version failed its trial. The one before goes on running.', details: { failure: 'suite' } },
    });
    for (const code of LOG_CODES) expect(logLine({ code }, 0).message).toMatch(/^[A-Z].*\.$/);
  });

  test('never holds a text of several words, whatever is given to it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 2 }), fc.string(), (words, key) => {
        const text = words.join(' ');
        const line = JSON.stringify(logLine({ code: 'request-failed', model: text, details: { [`k${key}`]: text, many: [text] } }, 0));
        expect(line).not.toContain(JSON.stringify(text).slice(1, -1));
      }),
    );
    expect(
      safeDetails({ method: 'run', prompt: 'Once upon a time', line: 'a\nb', long: 'x'.repeat(201), tokens: 7, kept: ['a', 'b c'] }),
    ).toEqual({
      ...{ method: 'run', tokens: 7, kept: ['a'] },
    });
  });
});

const event = (id: number, code: LogEvent['code'], model = 'tiny', details = {}): LogEvent => ({
  ...logLine({ code, model, details }, id * 1000),
  id,
});

describe('the log', () => {
  const events = [event(1, 'installed'), event(2, 'model-lost', 'other', { error: 'device_lost' }), event(3, 'trial-begun')];

  test('is searched by words anywhere in its lines, and by the least level', () => {
    const ids = (options: Parameters<typeof searchLog>[1]) => searchLog(events, options).map(({ id }) => id);
    expect(ids({})).toEqual([1, 2, 3]);
    expect(ids({ words: 'DEVICE_lost other' })).toEqual([2]);
    expect(ids({ words: 'device_lost tiny' })).toEqual([]);
    expect(ids({ least: 'info' })).toEqual([1, 2]);
    expect(ids({ least: 'warning', words: 'stopped' })).toEqual([2]);
  });

  test('is exported as one JSON object a line, with times that people read', () => {
    const lines = toJsonl(events).trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({
      time: '1970-01-01T00:00:02.000Z',
      id: 2,
      code: 'model-lost',
      details: { error: 'device_lost' },
    });
  });
});
