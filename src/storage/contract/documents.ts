import { MODEL, REVISION_1 } from './samples.ts';
import type { Suite } from './suite.ts';

/** What every store of documents does. */
export function documentsContract({ test, equal }: Suite): void {
  test('documents and their passages are kept, replaced and deleted together', async ({ documents }) => {
    const document = {
      id: 'd1',
      name: 'a.txt',
      sizeBytes: 4,
      addedAtMs: 1,
      passages: 2,
      embeddedBy: { modelId: MODEL, revision: REVISION_1 },
    };
    const matrix = Float32Array.from([1, 0, 0, 1]);
    const passage = (documentId: string, index: number) => ({
      documentId,
      index,
      text: `passage ${index}`,
      vector: matrix.subarray(index * 2, index * 2 + 2),
    });
    await documents.put(document, [passage('d1', 0), passage('d1', 1)]);
    await documents.put({ ...document, id: 'd1-b', name: 'b.txt' }, [passage('d1-b', 0)]);
    matrix.fill(5);
    const kept = await documents.passages();
    equal(
      kept.map((p) => [p.documentId, p.index, [...p.vector], p.vector.buffer.byteLength]),
      [
        ['d1', 0, [1, 0], 8],
        ['d1', 1, [0, 1], 8],
        ['d1-b', 0, [1, 0], 8],
      ],
    );
    await documents.put({ ...document, name: 'c.txt' }, [passage('d1', 0)]);
    equal((await documents.passages()).map((p) => [p.documentId, p.index]).sort(), [
      ['d1', 0],
      ['d1-b', 0],
    ]);
    equal((await documents.list()).map((d) => d.name).sort(), ['b.txt', 'c.txt']);
    equal(await documents.delete('d1'), true);
    equal(await documents.delete('d1'), false);
    equal(
      (await documents.passages()).map((p) => p.documentId),
      ['d1-b'],
    );
  });
}
