import { describe, expect, it, vi } from 'vitest';
import type { Fetcher } from '../ports/delivery.ts';
import { fetchModelFile } from './fetchModelFile.ts';
import { createMemoryDisk } from './testing/memoryDisk.ts';

const URL_OF_IT = 'https://example.org/sill/files/tiny%20model.gguf';
const PIECE_BYTES = 1000;
const PIECES = 8;
const signal = new AbortController().signal;

/** Answers piece by piece, and no sooner than it is asked for one. */
const serving =
  (onPull: (piece: number) => void = () => undefined): Fetcher =>
  async (_url, init) => {
    let piece = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull(controller) {
          init?.signal?.throwIfAborted();
          onPull(piece);
          if (piece === PIECES) return controller.close();
          controller.enqueue(new Uint8Array(PIECE_BYTES).fill(piece));
          piece += 1;
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(body, { headers: { 'content-length': String(PIECES * PIECE_BYTES) } });
  };
const whole = Array.from({ length: PIECES * PIECE_BYTES }, (_, i) => Math.floor(i / PIECE_BYTES));
const contentOf = async (file: File) => [...new Uint8Array(await file.arrayBuffer())];

describe('a model file that is fetched', () => {
  it('is on the disk up to the last piece that came, and none of it is handed to the browser as bytes', async () => {
    const disk = createMemoryDisk();
    const blobs = vi.spyOn(globalThis, 'Blob');
    const onDisk: number[] = [];
    const progress: number[] = [];
    const fetched = await fetchModelFile(
      serving(() => onDisk.push(disk.sizes[0] ?? -1)),
      URL_OF_IT,
      { signal, openFile: disk.open, onProgress: (bytes) => void progress.push(bytes) },
    );
    // The disk of this test is one.
    expect(blobs).toHaveBeenCalledTimes(1);
    blobs.mockRestore();
    const steps = Array.from({ length: PIECES + 1 }, (_, i) => i * PIECE_BYTES);
    expect(onDisk).toEqual(steps);
    expect(progress).toEqual(steps.slice(1));
    expect(fetched.file.name).toBe('tiny model.gguf');
    expect(await contentOf(fetched.file)).toEqual(whole);
    expect(disk.sizes).toEqual([PIECES * PIECE_BYTES]);
    await fetched.remove();
    expect(disk.sizes).toEqual([]);
  });

  it('comes from an address with a "%" that stands for itself', async () => {
    const call = { signal, openFile: createMemoryDisk().open, onProgress: () => undefined };
    expect((await fetchModelFile(serving(), 'https://example.org/files/50%.gguf', call)).file.name).toBe('50%.gguf');
  });

  it('goes on in the hands of the browser where its file takes no more, or there is none', async () => {
    for (const openFile of [createMemoryDisk(2.5 * PIECE_BYTES).open, createMemoryDisk(0).open, async () => undefined]) {
      const { file, remove } = await fetchModelFile(serving(), URL_OF_IT, { signal, openFile, onProgress: () => undefined });
      expect(await contentOf(file)).toEqual(whole);
      await remove();
    }
  });

  it('leaves nothing where it does not arrive, or is not wanted any more', async () => {
    const disk = createMemoryDisk();
    const failing = serving((piece) => {
      if (piece === 3) throw new TypeError('the connection is gone');
    });
    await expect(fetchModelFile(failing, URL_OF_IT, { signal, openFile: disk.open, onProgress: () => undefined })).rejects.toMatchObject({
      code: 'network_unavailable',
    });
    expect(disk.sizes).toEqual([]);
    const abort = new AbortController();
    const onProgress = () => abort.abort();
    await expect(fetchModelFile(serving(), URL_OF_IT, { signal: abort.signal, openFile: disk.open, onProgress })).rejects.toMatchObject({
      code: 'aborted',
    });
    expect(disk.sizes).toEqual([]);
  });
});
