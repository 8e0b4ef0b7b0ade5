import { createTarPacker } from 'modern-tar';
import { expect, test } from 'vitest';
import { paddingBytes, TAR_END_BYTES } from '../../core/bundle/volumes.ts';
import { readTar } from './readTar.ts';

const GIB = 2 ** 30;
const zeros = new Uint8Array(16 * 2 ** 20);

async function headerOf(name: string, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, controller } = createTarPacker();
  controller.add({ name, size, type: 'file' });
  const reader = readable.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new Uint8Array(value ?? []);
}

/** An archive whose files are zeros, made while it is read: it is larger than memory need be. */
async function* archiveOf(files: ReadonlyArray<readonly [name: string, sizeBytes: number]>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (const [name, sizeBytes] of files) {
    yield await headerOf(name, sizeBytes);
    for (let left = sizeBytes; left > 0; left -= zeros.length) yield left < zeros.length ? zeros.subarray(0, left) : zeros;
    yield zeros.subarray(0, paddingBytes(sizeBytes));
  }
  yield zeros.subarray(0, TAR_END_BYTES);
}

function streamed(bytes: AsyncGenerator<Uint8Array<ArrayBuffer>>): Blob {
  const stream = () =>
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        const { done, value } = await bytes.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    });
  return Object.assign(new Blob(), { stream });
}

test('files beyond what 32 bits count are passed over, and what follows them is read', async () => {
  const large = 4 * GIB + 77;
  const archive = streamed(
    archiveOf([
      ['before', 3],
      ['blobs/large', large],
      ['after', 5],
    ]),
  );
  const seen: Array<[string, number, number | undefined]> = [];
  for await (const { name, sizeBytes, bytes } of readTar(archive, new AbortController().signal)) {
    seen.push([name, sizeBytes, sizeBytes < 10 ? (await bytes()).length : undefined]);
  }
  expect(seen).toEqual([
    ['before', 3, 3],
    ['blobs/large', large, undefined],
    ['after', 5, 5],
  ]);
});

test('a place beyond 4 GiB in an archive is as good as any other', async () => {
  const files = Array.from({ length: 70 }, (_, i) => [`blobs/${i}`, 64 * 2 ** 20 - i] as const);
  const sizes: number[] = [];
  for await (const { sizeBytes } of readTar(streamed(archiveOf(files)), new AbortController().signal)) sizes.push(sizeBytes);
  expect(sizes).toEqual(files.map(([, sizeBytes]) => sizeBytes));
});
