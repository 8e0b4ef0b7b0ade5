import type { ErrorDetails } from '../../core/errors.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { type SlotChange, TRIAL_BEGINS } from '../../core/slots.ts';
import type { Store } from '../../ports/store.ts';
import type { TakeNote } from './log.ts';

/**
 * The same store, which notes what becomes of models: whichever way an install, an update or a rollback is taken, and by whichever tab, it ends in one
 * of these writes.
 */
export function withLog(store: Store, note: TakeNote): Store {
  const { models, events } = store;
  return {
    ...store,
    events: {
      ...events,
      async add(event) {
        await events.add(event);
        if (event.type === 'restart') {
          const { what, sessions, bytes, baseBytes } = event;
          return note({ code: 'kiosk-restarted', details: { what, sessions, bytes, baseBytes } });
        }
        const ran = { device: event.form.device, threads: event.form.threads };
        if (event.type === 'loss') note({ code: 'model-lost', model: event.model, details: { ...ran, error: event.error.code } });
        else note({ code: 'model-fallback', model: event.model, details: { ...ran, reason: event.fallback.reason } });
      },
    },
    models: {
      ...models,
      async beginInstall(entry, ...rest) {
        await models.beginInstall(entry, ...rest);
        note({ code: 'install-begun', model: entry.modelId, details: detailsOf(entry) });
      },
      async beginAdoption(entry) {
        await models.beginAdoption(entry);
        note({ code: 'install-begun', model: entry.modelId, details: detailsOf(entry) });
      },
      async updateJournal(revision, change) {
        let before: JournalEntry | undefined;
        const after = await models.updateJournal(revision, (entry) => {
          before = entry;
          return change(entry);
        });
        if (!after || after.state === before?.state) return after;
        if (after.state === 'paused') note({ code: 'install-paused', model: after.modelId, details: detailsOf(after) });
        if (after.state === 'failed') {
          const error = after.error ? { error: after.error.code } : {};
          note({ code: 'install-failed', model: after.modelId, details: { ...detailsOf(after), ...error } });
        }
        return after;
      },
      async commitInstall(entry, atMs, role = 'active', became, form) {
        const slots = await models.commitInstall(entry, atMs, role, became, form);
        const revision = became?.revision ?? entry.revision;
        note({
          code: slots.active?.revision === revision ? 'installed' : 'staged',
          model: entry.modelId,
          details: { ...detailsOf(entry), revision },
        });
        return slots;
      },
      async abandonInstall(revision) {
        const entry = (await models.journal()).find((each) => each.revision === revision);
        await models.abandonInstall(revision);
        if (entry) note({ code: 'install-abandoned', model: entry.modelId, details: detailsOf(entry) });
      },
      async change(modelId, change) {
        const slots = await models.change(modelId, change);
        const told = changeNote(change, slots.active?.revision);
        if (told) note({ ...told, model: modelId });
        return slots;
      },
      async remove(modelId, atMs) {
        const removed = await models.remove(modelId, atMs);
        if (removed) note({ code: 'removed', model: modelId });
        return removed;
      },
      async collectGarbage() {
        const { freedBytes, deletedChunks } = await models.collectGarbage();
        if (freedBytes > 0) note({ code: 'space-freed', details: { freedBytes, deletedChunks } });
        return { freedBytes, deletedChunks };
      },
    },
  };
}

const detailsOf = ({ revision, variant, by }: JournalEntry): ErrorDetails => ({ revision, variant, by });

/** Why a person went back is in their own words, and in the story of the model, not here. */
function changeNote(change: SlotChange, active: string | undefined): Parameters<TakeNote>[0] | undefined {
  switch (change.type) {
    case 'count-try':
      // Once for each trial, not for each of its questions.
      return change.at !== undefined && change.at !== TRIAL_BEGINS
        ? undefined
        : { code: 'trial-begun', details: { revision: change.revision } };
    case 'spare-try':
      return change.late ? { code: 'trial-put-off', details: { revision: change.revision } } : undefined;
    case 'promote':
      return { code: 'update-activated', details: { revision: change.revision, ...(change.gate ? { tookMs: change.gate.tookMs } : {}) } };
    case 'reject':
      return {
        code: 'update-rejected',
        details: {
          ...{ revision: change.revision, ...(active ? { active } : {}) },
          ...(change.gate?.failure ? { failure: change.gate.failure } : {}),
          ...(change.gate?.why ? { why: change.gate.why.code } : {}),
        },
      };
    case 'roll-back':
      return { code: 'rolled-back', details: active ? { active } : {} };
    case 'return':
      return { code: 'returned', details: { revision: change.revision } };
    case 'drop':
      return { code: 'revision-dropped', details: { revision: change.revision } };
    case 'pin':
      return change.revision ? { code: 'pinned', details: { revision: change.revision } } : { code: 'unpinned' };
  }
}
