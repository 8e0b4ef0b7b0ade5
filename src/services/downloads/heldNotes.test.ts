import { describe, expect, it } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { parseModelId, parseRevisionId, parseVariantId } from '../../core/ids.ts';
import type { JournalEntry } from '../../core/journal.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { withHeldNotes } from './heldNotes.ts';

const revision = parseRevisionId(`sha256:${'a'.repeat(64)}`);
const ENTRY: JournalEntry = {
  modelId: parseModelId('stories15m'),
  revision,
  variant: parseVariantId('wasm-int8'),
  startedAtMs: 0,
  licenceAcceptedAtMs: 0,
  state: 'queued',
  by: 'person',
  rank: 0,
};
const full = new SillError('quota_exceeded', 'The disk is full.');

/** A store whose journal holds one download, and whose disk may be full. */
function onDisk() {
  let entry: JournalEntry | undefined = ENTRY;
  let isFull = true;
  const inner = createMemoryStore();
  const store: Store = {
    ...inner,
    models: {
      ...inner.models,
      journal: async () => (entry ? [entry] : []),
      async updateJournal(_, change) {
        const next = entry && change(entry);
        if (isFull) throw full;
        entry = next;
        return next;
      },
    },
  };
  return {
    models: withHeldNotes(store).models,
    free: () => {
      isFull = false;
    },
    become: (next: JournalEntry | undefined) => {
      entry = next;
    },
    stored: () => entry,
  };
}

const failed = (entry: JournalEntry): JournalEntry => ({ ...entry, state: 'failed', error: full.toData() });

describe('a disk that is full', () => {
  it('keeps nobody from learning that a download failed', async () => {
    const { models } = onDisk();
    expect(await models.updateJournal(revision, failed)).toMatchObject({ state: 'failed' });
    expect(await models.journal()).toEqual([failed(ENTRY)]);
  });

  it('lets nothing begin that could not be noted', async () => {
    const { models } = onDisk();
    await expect(models.updateJournal(revision, (entry) => ({ ...entry, state: 'running' }))).rejects.toBe(full);
    expect(await models.journal()).toEqual([ENTRY]);
  });

  it('has the next change start from what was held, and writes that once there is room', async () => {
    const { models, free, stored } = onDisk();
    await models.updateJournal(revision, failed);
    free();
    const before: JournalEntry[] = [];
    await models.updateJournal(revision, (entry) => {
      before.push(entry);
      return { ...entry, state: 'queued' };
    });
    expect(before).toEqual([failed(ENTRY)]);
    expect(stored()?.state).toBe('queued');
    expect((await models.journal()).map(({ state }) => state)).toEqual(['queued']);
  });

  it('holds nothing against what takes the place of the download', async () => {
    const { models, become } = onDisk();
    await models.updateJournal(revision, failed);
    const other: JournalEntry = { ...ENTRY, by: 'bundle' };
    become(other);
    expect(await models.journal()).toEqual([other]);
    become(undefined);
    expect(await models.journal()).toEqual([]);
  });
});
