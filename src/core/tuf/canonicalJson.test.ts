import { canonicalize } from '@tufjs/canonical-json';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from './canonicalJson.ts';

describe('canonical JSON', () => {
  test('is what the publisher signs, whatever the data', () => {
    const values = [fc.string({ unit: 'binary' }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null)];
    const data = fc.object({ key: fc.string({ unit: 'binary' }), values });
    fc.assert(fc.property(data, (value) => canonicalJson(value) === canonicalize(value)));
  });

  test('sorts by UTF-16 unit, and escapes quotes and back-slashes alone', () => {
    expect(canonicalJson({ b: 'a "\\\n\u0001', é: 1, a: [true, null, -0] })).toBe('{"a":[true,null,0],"b":"a \\"\\\\\n\u0001","é":1}');
  });

  test.each([1.5, 2 ** 53, Number.NaN, undefined, () => 1])('has none for %s', (value) => {
    expect(() => canonicalJson({ value })).toThrow(TypeError);
  });

  test('has none for what would exhaust the stack', () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    expect(() => canonicalJson(deep)).toThrow('nested too deeply');
  });
});
