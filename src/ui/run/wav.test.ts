import { describe, expect, it } from 'vitest';
import { wavOf } from './wav.ts';

describe('a WAV file', () => {
  it('says its length and rate, and holds its samples, loud ones cut off', async () => {
    const bytes = new Uint8Array(await wavOf(Float32Array.from([0, 1, -1, 3]), 22_050).arrayBuffer());
    const view = new DataView(bytes.buffer);
    expect(new TextDecoder().decode(bytes.subarray(0, 16))).toMatch(/^RIFF.{4}WAVEfmt $/s);
    expect(view.getUint32(4, true)).toBe(bytes.length - 8);
    expect(view.getUint32(24, true)).toBe(22_050);
    expect([0, 1, 2, 3].map((i) => view.getInt16(44 + 2 * i, true))).toEqual([0, 32767, -32767, 32767]);
  });
});
