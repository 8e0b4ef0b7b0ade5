import type { SettingsStore } from '../ports/store.ts';

export function memorySettings(): SettingsStore {
  const settings = new Map<string, unknown>();
  return {
    async get(key) {
      return structuredClone(settings.get(key));
    },
    async set(key, value) {
      settings.set(key, structuredClone(value));
    },
    async delete(key) {
      settings.delete(key);
    },
  };
}
