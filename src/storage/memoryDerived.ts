import { outdone } from '../core/derived.ts';
import { heldRevisions } from '../core/slots.ts';
import type { DerivedStore, KeptForm, ModelStore } from '../ports/store.ts';

export const memoryDerived = (kept: Map<string, KeptForm>, models: Pick<ModelStore, 'allSlots'>): DerivedStore => ({
  async get(key) {
    return kept.get(key);
  },
  async put(about, data, maxBytes) {
    if (!(await models.allSlots()).flatMap(heldRevisions).some(({ revision }) => revision === about.source)) return;
    for (const key of outdone(
      [...kept.values()].map((row) => row.about),
      about,
      maxBytes,
    ))
      kept.delete(key);
    kept.set(about.key, { about: structuredClone(about), data });
  },
  async touch(key, atMs) {
    const row = kept.get(key);
    if (row) kept.set(key, { ...row, about: { ...row.about, usedAtMs: atMs } });
  },
  async list() {
    return structuredClone([...kept.values()].map((row) => row.about));
  },
  async delete(key) {
    kept.delete(key);
  },
});
