import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Tokenizer } from '@huggingface/tokenizers';
import { expect, test } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { TRANSCODED_DTYPES } from '../../core/making.ts';
import { createRandom } from '../../core/random.ts';
import type { ByteSource } from '../byteSource.ts';
import { UNEVEN } from '../testing/tinyLlama.ts';
import { findInGguf } from '../transcode/planTranscode.ts';
import { ggufConfigJson, ggufTokenizerConfigJson, ggufTokenizerJson, sinkTokens } from './ggufFiles.ts';
import { ggufModel } from './ggufModel.ts';
import { ggufVocabulary } from './ggufVocabulary.ts';
import { readGguf } from './readGguf.ts';
import { FAMILIES, familyGguf } from './testing/familyGguf.ts';
import { bytesOf, tinyGguf, tinyMetadata, tinyWeights } from './testing/tinyGguf.ts';
import type { WrittenTensor, WrittenValue } from './writeGguf.ts';

const RUNS = Number(process.env.SILL_FUZZ_RUNS ?? 2000);
const SEED = Number(process.env.SILL_FUZZ_SEED ?? 1);
/** On any machine: what takes longer than this for a file of less than a megabyte hangs. */
const HANG_MS = 2_000;

/** What a file of less than a megabyte may take, what was thrown away meanwhile included. */
const MOST_BYTES = 64 * 1024 * 1024;

/** What is cut by every tokenizer. */
const TEXT = 'Once upon a time</s>\n ä€😀';

const ODD = [0n, 1n, 2n, 31n, 33n, 255n, 65_536n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 40n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

interface Specimen {
  readonly bytes: Uint8Array;
  readonly headerBytes: number;
  /** Where the header says at which place of the file a tensor lies. */
  readonly offsetsAt: readonly number[];
}

function specimen(bytes: Uint8Array): Specimen {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Each is the last of what is said of a tensor: name, number of sides, sides, type.
  const offsetsAt = [...all.toString('latin1').matchAll(/(?:blk\.\d+\.[a-z_]+|token_embd|output|output_norm)\.(?:weight|bias)/g)].map(
    ({ 0: name, index }) => index + name.length + 4 + 8 * all.readUInt32LE(index + name.length) + 4,
  );
  return { bytes, headerBytes: Math.max(...offsetsAt) + 8, offsetsAt };
}

/** Header bytes are where a file says what it is: damage goes there nine times of ten. */
function damaged({ bytes: whole, headerBytes, offsetsAt }: Specimen, random: () => number): Uint8Array {
  const below = (end: number) => Math.floor(random() * end);
  const anOffset = () => offsetsAt[below(offsetsAt.length)] ?? 0;
  let bytes = whole.slice();
  for (let times = 1 + below(3); times > 0; times--) {
    const at = below(random() < 0.9 ? Math.min(headerBytes, bytes.length) : bytes.length);
    const kind = below(8);
    const [from, to] = [anOffset(), anOffset()];
    if (kind === 0) bytes = bytes.slice(0, at + 1);
    else if (kind === 1) bytes[at] = below(256);
    else if (kind === 2) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
    else if (kind === 3 && at + 8 <= bytes.length) new DataView(bytes.buffer).setBigUint64(at, ODD[below(ODD.length)] ?? 0n, true);
    else if (kind === 4 && at + 4 <= bytes.length) new DataView(bytes.buffer).setUint32(at, below(16), true);
    // Tensors over each other: one where another lies, or some blocks from where it was.
    else if (kind === 5 && Math.max(from, to) + 8 <= bytes.length) bytes.copyWithin(to, from, from + 8);
    else if (kind === 6 && to + 8 <= bytes.length) {
      const view = new DataView(bytes.buffer);
      view.setBigUint64(to, BigInt.asUintN(64, view.getBigUint64(to, true) + BigInt(32 * (below(9) - 4))), true);
    } else bytes.copyWithin(at, below(bytes.length), below(bytes.length));
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

/** All that is done with a file, or with the parts of one: whether it was taken. */
function used(parts: readonly Uint8Array[]): boolean {
  try {
    const gguf = readGguf(parts.map(strictSource));
    const vocabulary = ggufVocabulary(gguf.metadata);
    const model = ggufModel(gguf, vocabulary.pieces.length);
    ggufConfigJson(model, vocabulary, []);
    const tokenizer = new Tokenizer(ggufTokenizerJson(vocabulary, model.architecture), ggufTokenizerConfigJson(vocabulary, model));
    tokenizer.decode(tokenizer.encode(TEXT).ids);
    sinkTokens(vocabulary, model.config.dim);
    model.weights.embedding().values;
    for (let layer = 0; layer < model.config.layers; layer++)
      for (const part of Object.values(model.weights.layer(layer))) if ('values' in part) part.values;
    // As a person is told: with the graphs of all forms.
    findInGguf(gguf, parts.length, TRANSCODED_DTYPES);
    return true;
  } catch (reason) {
    if (reason instanceof SillError && reason.code === 'invalid_request' && typeof reason.details.reason === 'string') return false;
    throw reason;
  }
}

/** What is left of all files together, once the collector was here. */
const MOST_LEFT_BYTES = 64 * 1024 * 1024;

/** The collector, without a flag for the whole process. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

/** Of buffers and of all else that a script makes: the process itself shrinks when the collector likes, and is shared with other tests. */
function takenBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Damages files, or one part of each, and uses them. @returns how many were taken */
function damageAndUse(runs: number, wholes: ReadonlyArray<readonly Uint8Array[]>): number {
  const specimens = wholes.map((parts) => parts.map(specimen));
  for (const parts of wholes) expect(used(parts)).toBe(true);
  let taken = 0;
  collect();
  const emptyBytes = takenBytes();
  for (let run = 0; run < runs; run++) {
    const random = createRandom(SEED + run);
    const parts = specimens[Math.floor(random() * specimens.length)] ?? [];
    const victim = Math.floor(random() * parts.length);
    const replay = `SILL_FUZZ_SEED=${SEED + run} SILL_FUZZ_RUNS=1`;
    const startBytes = takenBytes();
    const start = process.cpuUsage();
    try {
      if (used(parts.map((part, index) => (index === victim ? damaged(part, random) : part.bytes)))) taken++;
    } catch (cause) {
      throw new Error(replay, { cause });
    }
    // Of the processor: on a busy machine others take the rest.
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000, replay).toBeLessThan(HANG_MS);
    expect(takenBytes() - startBytes, replay).toBeLessThan(MOST_BYTES);
  }
  collect();
  expect(takenBytes() - emptyBytes).toBeLessThan(MOST_LEFT_BYTES);
  return taken;
}

/** Some damage is to weights alone, and some goes through the whole: otherwise this would test little. */
function expectBoth(taken: number, runs: number): void {
  if (runs < 1000) return;
  expect(taken).toBeGreaterThan(runs / 100);
  expect(taken).toBeLessThan(runs * 0.9);
}

test(`${RUNS} damaged files are taken or refused by code, soon`, () => {
  expectBoth(damageAndUse(RUNS, [[tinyGguf('Q8_0')]]), RUNS);
}, 3_600_000);

test('and so are split files of which one part is damaged', () => {
  const tensors = tinyWeights('Q4_0');
  const part = (number: number, of: readonly WrittenTensor[]): Uint8Array => {
    const split = [
      ['split.no', { uint32: number }],
      ['split.count', { uint32: 3 }],
    ] as const;
    const metadata = number === 0 ? tinyMetadata('llama') : new Map<string, WrittenValue>();
    return bytesOf({ metadata: new Map([...metadata, ...split]), tensors: of });
  };
  const parts = [part(0, tensors.slice(0, 5)), part(1, tensors.slice(5, 12)), part(2, tensors.slice(12))];
  expectBoth(damageAndUse(RUNS, [parts]), RUNS);
}, 3_600_000);

test('and files whose rows do not divide into blocks', () => {
  const runs = Math.ceil(RUNS / 5);
  expectBoth(damageAndUse(runs, [[tinyGguf('F16', 'llama', {}, UNEVEN)]]), runs);
}, 3_600_000);

test('and files of every family', () => {
  const runs = Math.ceil(RUNS / 5);
  damageAndUse(
    runs,
    FAMILIES.map((family) => [familyGguf(family)]),
  );
}, 3_600_000);
