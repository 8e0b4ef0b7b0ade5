import * as v from 'valibot';
import type { CatalogEntry } from '../../core/catalog.ts';
import { cohortFraction, cohortText, type Rollout } from '../../core/rollout.ts';
import type { Random } from '../../ports/browser.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { SettingsStore } from '../../ports/store.ts';

const KEY = 'device-id';
const IdSchema = v.pipe(v.string(), v.minLength(1));

/** This device's place in rollouts. */
export interface Identity {
  /** From 0 to 1, the same for the same rollout as long as the device's data are kept. */
  fraction(rolloutId: string): Promise<number>;
  /** Another id from now on, as on an image that was cloned. `undefined` draws a new one. */
  rename(id: string | undefined): Promise<void>;
}

/** The id is random, made on first use, kept in the settings, and never sent: only this device computes with it. */
export function createIdentity(settings: SettingsStore, digests: Digests, random: Random): Identity {
  let known: Promise<string> | undefined;
  const read = async (): Promise<string> => {
    const stored = v.safeParse(IdSchema, await settings.get(KEY));
    if (stored.success) return stored.output;
    await settings.set(KEY, random.uuid());
    // Two tabs may have started at once: both take what was written last.
    return v.parse(IdSchema, await settings.get(KEY));
  };
  return {
    async fraction(rolloutId) {
      known ??= read().catch((reason: unknown) => {
        known = undefined;
        throw reason;
      });
      return cohortFraction(await digests.sha256(new TextEncoder().encode(cohortText(rolloutId, await known))));
    },
    async rename(id) {
      await settings.set(KEY, id ?? random.uuid());
      known = undefined;
    },
  };
}

/** The device's place in each rollout of these entries. */
export async function fractionsOf(identity: Identity, entries: readonly CatalogEntry[]): Promise<(rollout: Rollout) => number> {
  const fractions = new Map<string, number>();
  for (const { rollout } of entries) if (rollout) fractions.set(rollout.id, await identity.fraction(rollout.id));
  return ({ id }) => fractions.get(id) ?? 1;
}
