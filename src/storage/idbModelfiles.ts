import type { ModelId } from '../core/ids.ts';
import { assertDerivable, assertRemovable, type DerivedModel } from '../core/modelfile/derivedModel.ts';
import type { ModelfileStore } from '../ports/store.ts';
import type { Connection, Writing } from './connection.ts';
import { isHeld } from './installation.ts';

export const putModelfile = async (tx: Writing, model: DerivedModel): Promise<void> => {
  await tx.objectStore('modelfiles').put(model);
};

export const idbModelfiles = (connection: Connection): ModelfileStore => ({
  get: (id) => connection.run('readonly', ['modelfiles'], (tx) => tx.objectStore('modelfiles').get(id)),
  list: () => connection.run('readonly', ['modelfiles'], (tx) => tx.objectStore('modelfiles').getAll()),
  put: (model) =>
    connection.run('readwrite', ['modelfiles', 'slots', 'journal'], async (tx) => {
      const derived = await tx.objectStore('modelfiles').getAll();
      const [slots, journal] = [await tx.objectStore('slots').getAll(), await tx.objectStore('journal').getAll()];
      const installed = new Set<ModelId>([...slots.filter(isHeld), ...journal].map(({ modelId }) => modelId));
      assertDerivable(model, { derived, isInstalled: (id) => installed.has(id) });
      await putModelfile(tx, model);
    }),
  delete: (id) =>
    connection.run('readwrite', ['modelfiles'], async (tx) => {
      const modelfiles = tx.objectStore('modelfiles');
      assertRemovable(id, await modelfiles.getAll());
      const existed = (await modelfiles.getKey(id)) !== undefined;
      await modelfiles.delete(id);
      return existed;
    }),
});
