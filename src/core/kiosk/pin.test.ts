import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { equalBytes, PIN_ITERATIONS, PinHashSchema, pinHashOf, pinParts } from './pin.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((each) => new Uint8Array(each));

describe('the hash of a PIN', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(bytes(16), bytes(32), fc.integer({ min: PIN_ITERATIONS, max: 100_000_000 }), (salt, hash, iterations) => {
        const text = pinHashOf({ iterations, salt, hash });
        expect(v.is(PinHashSchema, text)).toBe(true);
        expect(pinParts(text)).toEqual({ iterations, salt, hash });
      }),
    );
  });

  it.each(['1234', 'pbkdf2-sha256:1000:00:00', pinHashOf({ iterations: 599_999, salt: new Uint8Array(16), hash: new Uint8Array(32) })])(
    'is not %s',
    (text) => {
      expect(v.is(PinHashSchema, text)).toBe(false);
    },
  );

  it('is the same where all bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        expect(equalBytes(a, a.slice())).toBe(true);
        expect(equalBytes(a, b)).toBe(a.length === b.length && a.every((byte, i) => byte === b[i]));
      }),
    );
  });
});
