import type { ModelId } from '../core/ids.ts';
import { assertDerivable, assertRemovable, type DerivedModel } from '../core/modelfile/derivedModel.ts';
import type { ModelfileStore, ModelStore } from '../ports/store.ts';
import { isHeld } from './installation.ts';

export const memoryModelfiles = (kept: Map<ModelId, DerivedModel>, models: Pick<ModelStore, 'allSlots' | 'journal'>): ModelfileStore => ({
  async get(id) {
    return structuredClone(kept.get(id));
  },
  async list() {
    return structuredClone([...kept.values()].sort((a, b) => (a.id < b.id ? -1 : 1)));
  },
  async put(model) {
    const [slots, journal] = [await models.allSlots(), await models.journal()];
    const installed = new Set<ModelId>([...slots.filter(isHeld), ...journal].map(({ modelId }) => modelId));
    assertDerivable(model, { derived: [...kept.values()], isInstalled: (id) => installed.has(id) });
    kept.set(model.id, structuredClone(model));
  },
  async delete(id) {
    assertRemovable(id, [...kept.values()]);
    return kept.delete(id);
  },
});
