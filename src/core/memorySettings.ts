import * as v from 'valibot';
import { isModelId } from './ids.ts';
import { KeepAliveSchema } from './keepAlive.ts';

/** What this device does about models in memory. */
export const MemorySettingsSchema = v.strictObject({
  /** What all models together may take; absent means as the device allows. */
  budgetBytes: v.exactOptional(
    v.pipe(v.number(), v.integer(), v.minValue(2 ** 20, 'expected bytes: not even the smallest model runs in less than 1 MiB')),
  ),
  /** Of requests that say nothing; absent means "5m". */
  keepAlive: v.exactOptional(KeepAliveSchema),
  /** Models that are loaded at the start, in this order, as long as there is room. They stay until room is needed. */
  preload: v.exactOptional(
    v.pipe(v.array(v.pipe(v.string(), v.guard(isModelId, 'expected a model id such as "stories15m"'))), v.maxLength(16)),
    [],
  ),
});

export type MemorySettings = v.InferOutput<typeof MemorySettingsSchema>;
export type MemorySettingsData = v.InferInput<typeof MemorySettingsSchema>;

export const DEFAULT_MEMORY_SETTINGS: MemorySettings = { preload: [] };
