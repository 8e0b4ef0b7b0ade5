import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut, downloader, joined, KIB, memoryChunks, noise } from './testing/downloadFixture.ts';
import { rangeOf } from './testing/testServer.ts';

test('whatever was missing and however the server cut its answers, all bytes are right in the end', async () => {
  const bytes = noise(40 * KIB, 9);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 6 * KIB }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 9 * KIB }), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      async (cuts, have, portions, ranges, parallel) => {
        const total = cuts.reduce((sum, size) => sum + size, 0);
        const body = bytes.subarray(0, Math.min(total, bytes.length));
        const file = { url: 'http://model.test/f', chunks: cut(body, cuts).filter((chunk) => chunk.sizeBytes > 0) };
        const chunks = memoryChunks();
        let offset = 0;
        for (const [i, chunk] of file.chunks.entries()) {
          if (have[i]) chunks.kept.set(chunk.digest, new Blob([Uint8Array.from(body.subarray(offset, offset + chunk.sizeBytes))]));
          offset += chunk.sizeBytes;
        }
        let asked = 0;
        const fetcher = async (_url: string, init?: RequestInit) => {
          const range = ranges ? rangeOf(new Headers(init?.headers).get('range') ?? undefined, body.length) : undefined;
          let at = range?.[0] ?? 0;
          const end = (range?.[1] ?? body.length - 1) + 1;
          // Every third answer breaks off in the middle.
          const broken = ++asked % 3 === 0 ? Math.floor((at + end) / 2) : end;
          let nth = 0;
          const stream = new ReadableStream<Uint8Array>({
            pull(controller) {
              const portion = portions[nth++ % portions.length] ?? 1;
              const next = Math.min(at + portion, broken);
              if (next > at) controller.enqueue(Uint8Array.from(body.subarray(at, next)));
              at = next;
              if (at >= broken) controller.close();
            },
          });
          return new Response(stream, { status: range ? 206 : 200 });
        };
        await downloader({ fetcher, parallel, chunks }).download({ files: [file] }, {});
        expect((await joined(chunks, file)).equals(body)).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});
