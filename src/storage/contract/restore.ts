import { derivedModel, MODEL, REVISION_1 } from './samples.ts';
import type { Suite } from './suite.ts';

/** What becomes of a copy that is brought back. */
export function restoreContract({ test, equal }: Suite): void {
  test('restored documents, settings and Modelfiles stand beside what was there, and replace what has their name', async (store) => {
    const embeddedBy = { modelId: MODEL, revision: REVISION_1 };
    const document = (id: string, name: string) => ({ id, name, sizeBytes: 4, addedAtMs: 1, passages: 1, embeddedBy });
    const passage = (documentId: string, index = 0) => ({ documentId, index, text: 'x', vector: Float32Array.from([1, 0]) });
    await store.documents.put({ ...document('d1', 'old'), passages: 2 }, [passage('d1'), passage('d1', 1)]);
    await store.documents.put(document('d2', 'stays'), [passage('d2')]);
    await store.settings.set('kept', 1);
    await store.restore({
      documents: [
        { document: document('d1', 'new'), passages: [passage('d1')] },
        { document: document('d3', 'added'), passages: [passage('d3')] },
      ],
      settings: [{ key: 'policy', value: { mode: 'off' } }],
      // Its base may come later, with the network.
      modelfiles: [derivedModel('mario', 'FROM acme/tiny')],
      suites: [{ id: 'greetings', text: '{}', savedAtMs: 2 }],
    });
    equal(await store.modelfiles.list(), [derivedModel('mario', 'FROM acme/tiny')]);
    equal(await store.suites.list(), [{ id: 'greetings', text: '{}', savedAtMs: 2 }]);
    equal((await store.documents.list()).map(({ id, name }) => [id, name]).sort(), [
      ['d1', 'new'],
      ['d2', 'stays'],
      ['d3', 'added'],
    ]);
    equal((await store.documents.passages()).length, 3);
    equal([await store.settings.get('kept'), await store.settings.get('policy')], [1, { mode: 'off' }]);
  });
}
