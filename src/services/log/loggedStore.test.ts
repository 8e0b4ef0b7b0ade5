import { expect, test } from 'vitest';
import type { LogNote } from '../../core/log.ts';
import { A, B, entryOf, manifestWith } from '../../storage/contract/samples.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { withLog } from './loggedStore.ts';

async function installed() {
  const notes: LogNote[] = [];
  const store = withLog(createMemoryStore(), (note) => void notes.push(note));
  const entry = entryOf();
  await store.models.beginInstall(entry, manifestWith(B));
  for (const digest of [A, B]) await store.chunks.put(digest, new Blob(['x']));
  await store.models.commitInstall(entry, 10);
  return { store, entry, codes: () => notes.map(({ code }) => code), notes };
}

test('an install, a download that fails, and a removal are noted by the store that they end in', async () => {
  const { store, entry, codes, notes } = await installed();
  expect(codes()).toEqual(['install-begun', 'installed']);
  await store.models.beginInstall({ ...entry, state: 'running' }, manifestWith(B));
  const failed = { state: 'failed', error: { code: 'quota_exceeded', message: 'The disk is full of my diary.' } } as const;
  await store.models.updateJournal(entry.revision, (each) => ({ ...each, ...failed }));
  // What changes no state says nothing.
  await store.models.updateJournal(entry.revision, (each) => ({ ...each, rank: 5 }));
  await store.models.remove(entry.modelId, 20);
  expect(codes()).toEqual(['install-begun', 'installed', 'install-begun', 'install-failed', 'removed']);
  expect(notes[3]).toMatchObject({ model: entry.modelId, details: { error: 'quota_exceeded', revision: entry.revision } });
});

test('what becomes of a version is noted without the words of whoever wished it', async () => {
  const { store, entry, codes, notes } = await installed();
  await store.models.change(entry.modelId, { type: 'pin', revision: entry.revision, atMs: 1 });
  await store.models.change(entry.modelId, { type: 'pin', revision: undefined, atMs: 2 });
  await expect(store.models.change(entry.modelId, { type: 'roll-back', atMs: 3, reason: 'It insulted me' })).rejects.toMatchObject({
    code: 'model_not_installed',
  });
  expect(codes().slice(2)).toEqual(['pinned', 'unpinned']);
  const form = { device: 'webgpu', threads: 2 } as const;
  await store.events.add({
    atMs: 4,
    type: 'loss',
    model: entry.modelId,
    form,
    error: { code: 'device_lost', message: 'Lost while it wrote: Dear' },
  });
  expect(notes.at(-1)).toEqual({
    code: 'model-lost',
    model: entry.modelId,
    details: { device: 'webgpu', threads: 2, error: 'device_lost' },
  });
});
