import { A, B, blobOf, bytesOf, C } from './samples.ts';
import type { Suite } from './suite.ts';

/** What every store of chunks does. */
export function chunksContract({ test, equal }: Suite): void {
  test('a chunk comes back with the bytes that were put', async ({ chunks }) => {
    await chunks.put(A, blobOf(3, 9));
    equal(await bytesOf(await chunks.get(A)), [9, 9, 9]);
    equal(await chunks.get(B), undefined);
  });
  test('a chunk that is put twice is kept once, as it was first', async ({ chunks }) => {
    await chunks.put(A, blobOf(3, 9));
    await chunks.put(A, blobOf(5, 1));
    equal(await chunks.list(), [{ digest: A, sizeBytes: 3 }]);
    equal(await bytesOf(await chunks.get(A)), [9, 9, 9]);
  });
  test('chunks are joined in the order asked for, small ones and large ones, and not where one is missing', async ({ chunks }) => {
    await chunks.put(A, blobOf(2, 1));
    await chunks.put(B, blobOf(40_000, 2));
    const joined = await bytesOf(await chunks.join([B, A, B]));
    equal([joined.length, joined[0], joined[40_000], joined[40_001], joined[40_002]], [80_002, 2, 1, 1, 2]);
    equal((await chunks.join([]))?.size, 0);
    equal(await chunks.join([A, C]), undefined);
  });
  test('missing chunks are named in order and once', async ({ chunks }) => {
    await chunks.put(B, blobOf(1));
    equal(await chunks.missing([C, B, A, C]), [C, A]);
    equal(await chunks.missing([]), []);
  });
  test('deleted chunks are gone, and deleting what is not there is no error', async ({ chunks }) => {
    await chunks.put(A, blobOf(1));
    await chunks.put(B, blobOf(2));
    await chunks.delete([A, C]);
    equal(await chunks.list(), [{ digest: B, sizeBytes: 2 }]);
  });
  test('a large chunk survives byte for byte', async ({ chunks }) => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251);
    // Of a larger buffer, as pieces are.
    const whole = new Uint8Array(bytes.length + 2);
    whole.set(bytes, 1);
    await chunks.put(A, whole.subarray(1, -1));
    await chunks.put(B, whole.subarray(1, 4));
    equal(await bytesOf(await chunks.get(B)), [0, 31, 62]);
    const back = new Uint8Array((await (await chunks.get(A))?.arrayBuffer()) ?? new ArrayBuffer(0));
    equal(back.length, bytes.length);
    equal(
      back.every((value, i) => value === bytes[i]),
      true,
    );
  });
}
