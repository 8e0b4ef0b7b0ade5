import * as v from 'valibot';
import type { ModelId } from '../../core/ids.ts';
import { DEFAULT_KEEP_ALIVE_MS, parseKeepAlive } from '../../core/keepAlive.ts';
import type { Variant } from '../../core/manifest.ts';
import { CeilingSchema, ceilingAfterOutOfMemory, type MemoryBudget, memoryBudget } from '../../core/memoryBudget.ts';
import { DEFAULT_MEMORY_SETTINGS, type MemorySettings, MemorySettingsSchema } from '../../core/memorySettings.ts';
import { settingThatHolds } from '../../core/operatorRules.ts';
import type { InstalledRevision } from '../../core/slots.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SettingsStore } from '../../ports/store.ts';
import type { DeviceService } from '../device/device.ts';
import type { Hub } from '../hub.ts';
import { assertOwn, operatorRules } from '../operator.ts';

const SETTINGS_KEY = 'memory';
const CEILING_KEY = 'memory-ceiling';
const usedKey = (id: ModelId): string => `memory-used:${id}`;
const UsedSchema = v.object({ revision: v.string(), variant: v.string(), bytes: v.number() });
/** Less than this more is not worth a write. */
const WORTH_NOTING_BYTES = 2 ** 20;

/** What models may take, what they took, and what somebody wants of both. */
export interface Memory {
  budget(): Promise<MemoryBudget>;
  settings(): Promise<MemorySettings>;
  /** @throws SillError `forbidden` where only the operator decides */
  setSettings(settings: MemorySettings): Promise<void>;
  /** Of requests that say nothing. */
  keepAliveMs(): Promise<number>;
  /** What a variant will take: as much as it ever took here, else what its publisher says. */
  expected(id: ModelId, installed: InstalledRevision, variant: Variant): Promise<number>;
  /** Never rejects. */
  noteUsed(id: ModelId, installed: InstalledRevision, bytes: number): Promise<void>;
  /** Memory ran out while models held so many bytes together. Never rejects. */
  noteOutOfMemory(heldBytes: number): Promise<void>;
}

export interface MemoryDeps {
  readonly settings: SettingsStore;
  readonly device: Pick<DeviceService, 'abilities'>;
  readonly clock: Clock;
  readonly hub: Hub;
}

export function createMemory({ settings, device, clock, hub }: MemoryDeps): Memory {
  /** Asked by each request, so it is kept until somebody changes it. */
  let holding: Promise<MemorySettings> | undefined;
  hub.listen(({ type }) => {
    if (type === 'memory') holding = undefined;
  });

  const readSettings = async (): Promise<MemorySettings> => {
    const stored = v.safeParse(MemorySettingsSchema, await settings.get(SETTINGS_KEY));
    const { kiosk, devices } = await operatorRules(settings);
    return settingThatHolds(kiosk, stored.success ? stored.output : undefined, devices.memory, DEFAULT_MEMORY_SETTINGS);
  };
  const current = (): Promise<MemorySettings> => {
    const read = holding ?? readSettings();
    holding = read;
    read.catch(() => {
      if (holding === read) holding = undefined;
    });
    return read;
  };
  const ceiling = async () => {
    const stored = v.safeParse(CeilingSchema, await settings.get(CEILING_KEY));
    return stored.success ? stored.output : undefined;
  };
  const used = async (id: ModelId, { revision, variant }: InstalledRevision): Promise<number | undefined> => {
    const stored = v.safeParse(UsedSchema, await settings.get(usedKey(id)));
    return stored.success && stored.output.revision === revision && stored.output.variant === variant ? stored.output.bytes : undefined;
  };

  return {
    async budget() {
      const [{ memoryBytes }, { budgetBytes }, learned] = await Promise.all([device.abilities(), current(), ceiling()]);
      return memoryBudget({ deviceBytes: memoryBytes, chosenBytes: budgetBytes, ceiling: learned }, clock.now());
    },
    settings: current,
    async setSettings(next) {
      await assertOwn(settings, 'memory');
      await settings.set(SETTINGS_KEY, next);
      holding = undefined;
      hub.tell({ type: 'memory' });
    },
    async keepAliveMs() {
      const { keepAlive } = await current();
      return (keepAlive === undefined ? undefined : parseKeepAlive(keepAlive)) ?? DEFAULT_KEEP_ALIVE_MS;
    },
    expected: async (id, installed, { needs }) => (await used(id, installed)) ?? needs.memoryBytes,
    async noteUsed(id, installed, bytes) {
      try {
        if (bytes - ((await used(id, installed)) ?? 0) < WORTH_NOTING_BYTES) return;
        await settings.set(usedKey(id), { revision: installed.revision, variant: installed.variant, bytes });
      } catch {
        // The publisher's figure does as well.
      }
    },
    async noteOutOfMemory(heldBytes) {
      try {
        await settings.set(CEILING_KEY, ceilingAfterOutOfMemory(heldBytes, await ceiling(), clock.now()));
      } catch {
        // Then it is learned again.
      }
      hub.tell({ type: 'memory' });
    },
  };
}
