import type { ModelId } from '../../core/ids.ts';
import type { Store } from '../../ports/store.ts';
import type { Memory } from './memory.ts';
import type { Sessions } from './sessions.ts';

/** Loads the models that are wanted in memory before anybody asks. */
export interface Preload {
  /**
   * Those that were not loaded by it since the engine started and are on the device by now. Of those in memory, also by another's wish, it has renewed
   * what is due. Never rejects.
   */
  tick(signal?: AbortSignal): Promise<void>;
  /** As `tick`, once there was one: not while the page is still being drawn. */
  look(): void;
}

export interface PreloadDeps {
  readonly store: Pick<Store, 'models'>;
  readonly memory: Pick<Memory, 'settings'>;
  readonly sessions: Pick<Sessions, 'preload' | 'renew'>;
  /** Of a model that was made of another the one with its weights, of every other itself. */
  readonly baseOf: (id: ModelId) => Promise<ModelId>;
}

export function createPreload({ store, memory, sessions, baseOf }: PreloadDeps): Preload {
  /** Once each: what a person unloaded since is not to come back, nor what does not load to be tried every minute. */
  const tried = new Set<ModelId>();

  const wanted = async (): Promise<ModelId[]> => {
    const { preload: named } = await memory.settings();
    const preload = [...new Set(await Promise.all(named.map(baseOf)))];
    if (preload.every((id) => tried.has(id))) return [];
    const slots = await store.models.allSlots();
    return preload.filter((id) => !tried.has(id) && slots.some(({ modelId, active }) => modelId === id && active));
  };

  let begun = false;
  let line: Promise<void> = Promise.resolve();
  const load = async (signal: AbortSignal): Promise<void> => {
    // In the operator's order: what comes last finds no room.
    for (const id of await wanted().catch(() => [])) {
      tried.add(id);
      // Why it does not load is told to whoever asks for it.
      await sessions.preload(id, signal).catch(() => undefined);
    }
    await sessions.renew(signal);
  };
  const tick: Preload['tick'] = (signal = new AbortController().signal) => {
    begun = true;
    line = line.then(() => load(signal));
    return line;
  };
  return { tick, look: () => void (begun && tick()) };
}
