import * as v from 'valibot';
import type { ModelId } from '../../core/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SettingsStore } from '../../ports/store.ts';

const keyOf = (id: ModelId): string => `last-used:${id}`;
const TimeSchema = v.pipe(v.number(), v.minValue(0));
/** A write costs more than the order of models needs: a minute is exact enough. */
const WRITE_EVERY_MS = 60_000;

/** When each model was last asked for something. */
export interface Usage {
  /** To be called after each request. Never rejects: an answer must not fail because of a note about it. */
  note(id: ModelId): void;
  lastUsedAtMs(id: ModelId): Promise<number | undefined>;
}

export function createUsage(settings: SettingsStore, clock: Clock): Usage {
  const written = new Map<ModelId, number>();
  return {
    note(id) {
      const nowMs = clock.now();
      if (Math.abs(nowMs - (written.get(id) ?? Number.NEGATIVE_INFINITY)) < WRITE_EVERY_MS) return;
      written.set(id, nowMs);
      void settings.set(keyOf(id), nowMs).catch(() => written.delete(id));
    },
    async lastUsedAtMs(id) {
      const stored = v.safeParse(TimeSchema, await settings.get(keyOf(id)));
      return stored.success ? stored.output : undefined;
    },
  };
}
