import { describe, expect, it } from 'vitest';
import { createMeter, type MessageLimits, type Meter, measure } from './messageLimits.ts';

const LIMITS: MessageLimits = {
  ...{ messageBytes: 1000, values: 100, callsUnderWay: 3, malformed: 2 },
  ...{ messagesPerSecond: 10, burst: 20, strayCost: 4 },
};
const call = (id: number, more: object = {}) => ({ kind: 'call', id, method: 'run', params: {}, credits: 64, ...more });
const admit = (meter: Meter, message: unknown, nowMs = 0) => meter.admit(message, nowMs, measure(message, LIMITS));

describe('the measure of a message', () => {
  it('counts texts, buffers and nested values, and not what a file only names', () => {
    expect(measure({ a: 'xy' }, LIMITS)).toEqual({ sizeBytes: 6, values: 2 });
    expect(measure(new Float32Array(100), LIMITS)).toEqual({ sizeBytes: 400, values: 1 });
    expect(measure(new Blob(['x'.repeat(300)]), LIMITS)).toEqual({ sizeBytes: 0, values: 1 });
    expect(measure([1, [2, [3]]], LIMITS)).toMatchObject({ values: 6 });
  });

  it('stops at what is too large, too many or too deep, however it is packed', () => {
    let deep: unknown = 'x';
    for (let i = 0; i < 200; i += 1) deep = [deep];
    const large = [
      'x'.repeat(501),
      { ['x'.repeat(501)]: 1 },
      new Uint8Array(1001),
      { arrayBuffer: 1, size: 0, text: 'x'.repeat(600) },
      Array.from({ length: 100 }, () => ({})),
      new Map([['a', 'x'.repeat(600)]]),
      new Set(Array.from({ length: 101 }, (_, i) => i)),
      deep,
    ];
    expect(large.map((message) => measure(message, LIMITS))).toEqual(large.map(() => 'too large'));
  });
});

describe('the meter of a channel to a guest', () => {
  it('lets calls through, with no more credits than a reader has use for', () => {
    const meter = createMeter(LIMITS);
    expect(admit(meter, call(1, { credits: 1e9 }))).toMatchObject({ kind: 'pass', message: { id: 1, credits: 256, params: {} } });
    expect(admit(meter, { kind: 'credit', id: 1, credits: 1e9 })).toMatchObject({ kind: 'pass', message: { credits: 256 } });
    expect(admit(meter, { kind: 'abort', id: 1 })).toMatchObject({ kind: 'pass' });
  });

  it('drops what is about no call of this channel', () => {
    expect(admit(createMeter(LIMITS), { kind: 'credit', id: 7, credits: 1 })).toEqual({ kind: 'drop' });
    expect(admit(createMeter(LIMITS), { kind: 'abort', id: 7 })).toEqual({ kind: 'drop' });
  });

  it('takes what is about no call under way for some that came late, and for a flood where there is nothing else', () => {
    const stray = { kind: 'abort', id: 7 };
    const few = createMeter(LIMITS);
    expect(Array.from({ length: 100 }, (_, i) => admit(few, stray, i * 400).kind)).not.toContain('breach');
    // As fast as a message that is about something may come for ever.
    const many = createMeter(LIMITS);
    expect(Array.from({ length: 20 }, (_, i) => admit(many, stray, i * 100).kind).indexOf('breach')).toBe(6);
  });

  it('refuses a call that is too large, and goes on with others', () => {
    const meter = createMeter(LIMITS);
    expect(admit(meter, call(1, { params: 'x'.repeat(600) }))).toMatchObject({ kind: 'refuse', id: 1, code: 'invalid_request' });
    expect(admit(meter, call(1))).toMatchObject({ kind: 'pass' });
  });

  it('refuses more calls at once than there are places, until one has ended', () => {
    const meter = createMeter(LIMITS);
    for (const id of [1, 2, 3]) expect(admit(meter, call(id)).kind).toBe('pass');
    expect(admit(meter, call(4))).toMatchObject({ kind: 'refuse', code: 'busy', details: { underWay: 3 } });
    meter.sent({ kind: 'done', id: 2, result: null });
    expect(admit(meter, call(5)).kind).toBe('pass');
  });

  it('puts out whoever gives two calls one number, sends nonsense again and again, or floods', () => {
    const twice = createMeter(LIMITS);
    admit(twice, call(1));
    expect(admit(twice, call(1)).kind).toBe('breach');

    const nonsense = createMeter(LIMITS);
    const answers = ['x', { kind: 'call', id: -1 }, { kind: 'credit', id: 1, credits: 0 }].map((message) => admit(nonsense, message).kind);
    expect(answers).toEqual(['drop', 'drop', 'breach']);

    const credit = { kind: 'credit', id: 1, credits: 1 };
    const flood = createMeter(LIMITS);
    const kinds = [call(1), ...Array.from({ length: 25 }, () => credit)].map((message) => admit(flood, message).kind);
    expect(kinds.indexOf('breach')).toBe(20);
    const slow = createMeter(LIMITS);
    admit(slow, call(1));
    expect(Array.from({ length: 200 }, (_, i) => admit(slow, credit, i * 100).kind)).not.toContain('breach');
  });
});
