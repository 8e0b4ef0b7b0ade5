import type { ModelId } from '../../core/ids.ts';
import { admit, type Resident } from '../../core/residency.ts';
import type { Memory } from './memory.ts';

/** Room for what no request waits for: a version on trial, a form that is scored, a model that grew. Idle models make it; nobody waits for others. */
export interface Guests {
  /**
   * Unloads idle models, but for this one, where so many bytes would not fit beside them.
   * @returns for when the guest is gone: those that were to stay, had to go for it, and are not back
   */
  makeRoom(bytes: number, beside: ModelId): Promise<() => ModelId[]>;
}

export interface GuestsDeps {
  readonly memory: Pick<Memory, 'budget'>;
  /** Models in memory, but for one. */
  readonly residents: (except?: ModelId) => readonly Resident[];
  readonly unload: (ids: readonly ModelId[]) => void;
  /** In memory or on its way there. */
  readonly isThere: (id: ModelId) => boolean;
}

export function createGuests({ memory, residents, unload, isThere }: GuestsDeps) {
  const away = new Set<ModelId>();

  /** @returns idle ones that would have to go, none where that would not be enough */
  const idleFor = async (bytes: number, others: () => readonly Resident[]): Promise<readonly ModelId[]> => {
    const budget = await memory.budget();
    const admission = admit(bytes, others(), { ...budget, isFirm: false });
    return admission.verdict === 'fits' ? admission.unload : [];
  };

  return {
    idleFor,
    async makeRoom(bytes: number, beside: ModelId): Promise<() => ModelId[]> {
      const going = await idleFor(bytes, () => residents().map((each) => (each.id === beside ? { ...each, inUse: true } : each)));
      const kept = residents().flatMap(({ id, kept }) => (kept && going.includes(id) ? [id] : []));
      for (const id of kept) away.add(id);
      unload(going);
      return () => kept.filter((id) => away.delete(id) && !isThere(id));
    },
    /** Somebody wanted it gone. */
    forget: (id: ModelId): void => void away.delete(id),
  };
}
