import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { SillError } from '../core/errors.ts';
import { connect } from './connection.ts';
import { A, B, C, digestOf } from './contract/samples.ts';
import type { Spool } from './fileSpool.ts';
import { idbChunks } from './idbChunks.ts';

const LARGE = 40_000;
let count = 0;

/** A spool that tells what passed through it, and can be held up. */
function watched() {
  const passed: number[][] = [];
  let held: Promise<unknown> = Promise.resolve();
  let given = false;
  let full = false;
  const spool: Spool = {
    get isUsed() {
      return !given;
    },
    giveUp() {
      given = true;
    },
    async through(pieces, use) {
      passed.push(pieces.flatMap((piece) => (piece instanceof Uint8Array ? [piece.length] : [])));
      await held;
      if (!given && full) throw new SillError('quota_exceeded', 'There is no room.');
      return use(pieces.map((piece) => (piece instanceof Uint8Array ? new Blob([piece]) : piece)));
    },
  };
  const chunks = idbChunks(connect({ name: `sill-test-chunks-${++count}` }), spool);
  const hold = () => {
    let go = () => {};
    held = new Promise<void>((resolve) => {
      go = resolve;
    });
    return go;
  };
  const fill = () => {
    full = true;
  };
  return { chunks, passed, hold, given: () => given, fill };
}

test('large bytes take the way of the spool, small ones and Blobs do not', async () => {
  const { chunks, passed } = watched();
  await chunks.put(A, new Uint8Array(LARGE).fill(1));
  await chunks.put(B, new Uint8Array(10).fill(2));
  await chunks.put(C, new Blob([new Uint8Array(LARGE)]));
  expect(passed).toEqual([[LARGE], [], []]);
  const texts = await Promise.all([A, B, C].map(async (digest) => new Uint8Array((await (await chunks.get(digest))?.arrayBuffer()) ?? [])));
  expect(texts.map((bytes) => [bytes.length, bytes[0]])).toEqual([
    [LARGE, 1],
    [10, 2],
    [LARGE, 0],
  ]);
});

test('while one is stored the next is written, and what comes meanwhile goes together behind it', async () => {
  const { chunks, passed, hold, given } = watched();
  // The first is read back before others go the same way.
  await chunks.put(C, new Uint8Array(LARGE));
  passed.length = 0;
  const go = hold();
  const digests = [...'abcdef'].map(digestOf);
  const puts = digests.map((digest) => chunks.put(digest, new Uint8Array(LARGE)));
  expect(passed).toEqual([[LARGE], [LARGE]]);
  go();
  await Promise.all(puts);
  expect(passed).toEqual([[LARGE], [LARGE], Array(4).fill(LARGE)]);
  expect(await chunks.missing(digests)).toEqual([]);
  expect(given()).toBe(false);
});

test('where there is no room for a file besides, all is stored without one', async () => {
  const { chunks, hold, given, fill } = watched();
  await chunks.put(C, new Uint8Array(LARGE));
  const go = hold();
  const digests = [...'abcd'].map(digestOf);
  const puts = digests.map((digest) => chunks.put(digest, new Uint8Array(LARGE)));
  fill();
  go();
  await Promise.all(puts);
  expect(given()).toBe(true);
  expect(await chunks.missing(digests)).toEqual([]);
});
