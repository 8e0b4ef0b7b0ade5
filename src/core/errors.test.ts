import { describe, expect, it } from 'vitest';
import { SillError, toSillError } from './errors.ts';

describe('an error', () => {
  it('crosses a border as data and comes out with its code, message and details', () => {
    const error = new SillError('chunk_mismatch', 'A chunk is wrong.', { details: { digest: 'sha256:ab', tries: 2 } });
    const rebuilt = SillError.fromData(structuredClone(error.toData()));
    expect(rebuilt).toBeInstanceOf(SillError);
    expect(rebuilt.toData()).toEqual(error.toData());
  });

  it('that nobody named is internal and keeps its cause', () => {
    const cause = new TypeError('x is undefined');
    expect(toSillError(cause)).toMatchObject({ code: 'internal', cause });
  });

  it('of an aborted signal is named so, whatever raised it', () => {
    expect(toSillError(AbortSignal.abort().reason).code).toBe('aborted');
  });
});
