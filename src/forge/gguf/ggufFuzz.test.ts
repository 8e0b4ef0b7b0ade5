import { expect, test } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { createRandom } from '../../core/random.ts';
import type { ByteSource } from '../byteSource.ts';
import { ggufConfigJson, ggufTokenizerJson, sinkTokens } from './ggufFiles.ts';
import { ggufModel } from './ggufModel.ts';
import { ggufVocabulary } from './ggufVocabulary.ts';
import { readGguf } from './readGguf.ts';
import { tinyGguf } from './testing/tinyGguf.ts';

const RUNS = Number(process.env.SILL_FUZZ_RUNS ?? 2000);
const SEED = Number(process.env.SILL_FUZZ_SEED ?? 1);
/** On any machine: what takes longer than this for a file of 200 kB hangs. */
const HANG_MS = 5_000;

const ODD = [0n, 1n, 2n, 31n, 33n, 255n, 65_536n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 40n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

/** Header bytes are where a file says what it is: damage goes there nine times of ten. */
function damaged(whole: Uint8Array, headerBytes: number, random: () => number): Uint8Array {
  const below = (end: number) => Math.floor(random() * end);
  let bytes = whole.slice();
  for (let times = 1 + below(3); times > 0; times--) {
    const at = below(random() < 0.9 ? Math.min(headerBytes, bytes.length) : bytes.length);
    const kind = below(6);
    if (kind === 0) bytes = bytes.slice(0, at + 1);
    else if (kind === 1) bytes[at] = below(256);
    else if (kind === 2) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
    else if (kind === 3 && at + 8 <= bytes.length) new DataView(bytes.buffer).setBigUint64(at, ODD[below(ODD.length)] ?? 0n, true);
    else if (kind === 4 && at + 4 <= bytes.length) new DataView(bytes.buffer).setUint32(at, below(16), true);
    else bytes.copyWithin(at, below(bytes.length), below(bytes.length));
  }
  return bytes;
}

/** Reads as a file does that says no more than it has, and fails where one would be asked for more. */
const strictSource = (bytes: Uint8Array): ByteSource => ({
  sizeBytes: bytes.byteLength,
  read(offset, length) {
    if (!(offset >= 0 && length >= 0 && offset + length <= bytes.byteLength)) throw new RangeError(`read ${length} at ${offset}`);
    return bytes.subarray(offset, offset + length);
  },
});

/** All that is done with a file: whether it was taken. */
function used(bytes: Uint8Array): boolean {
  try {
    const gguf = readGguf([strictSource(bytes)]);
    const vocabulary = ggufVocabulary(gguf.metadata);
    const model = ggufModel(gguf, vocabulary.pieces.length);
    ggufConfigJson(model, vocabulary, []);
    ggufTokenizerJson(vocabulary, undefined);
    sinkTokens(vocabulary);
    model.weights.embedding().values;
    for (let layer = 0; layer < model.config.layers; layer++)
      for (const part of Object.values(model.weights.layer(layer))) if ('values' in part) part.values;
    return true;
  } catch (reason) {
    if (reason instanceof SillError && reason.code === 'invalid_request' && typeof reason.details.reason === 'string') return false;
    throw reason;
  }
}

test(`${RUNS} damaged files are taken or refused by code, soon`, () => {
  const whole = tinyGguf('Q8_0');
  const headerBytes = Buffer.from(whole).indexOf('output_norm.weight') + 64;
  expect(used(whole)).toBe(true);
  let taken = 0;
  for (let run = 0; run < RUNS; run++) {
    const random = createRandom(SEED + run);
    const start = performance.now();
    try {
      if (used(damaged(whole, headerBytes, random))) taken++;
    } catch (cause) {
      throw new Error(`SILL_FUZZ_SEED=${SEED + run} SILL_FUZZ_RUNS=1`, { cause });
    }
    expect(performance.now() - start).toBeLessThan(HANG_MS);
  }
  // Some damage is to weights alone, and some goes through the whole: otherwise this would test little.
  if (RUNS >= 1000) expect(taken).toBeGreaterThan(RUNS / 100);
  if (RUNS >= 1000) expect(taken).toBeLessThan(RUNS * 0.9);
}, 3_600_000);
