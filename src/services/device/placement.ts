import * as v from 'valibot';
import { isModelId, type ModelId } from '../../core/ids.ts';
import { EXECUTION_DEVICES, type ExecutionDevice } from '../../core/manifest.ts';
import { settingThatHolds } from '../../core/operatorRules.ts';
import type { SettingsStore } from '../../ports/store.ts';
import { assertOwn, operatorRules } from '../operator.ts';

/** Where a person wants models to run on this device. What the device cannot do it does not do for a wish either. */
export interface Placement {
  /** On the processor wherever there is a choice. */
  readonly preferCpu: boolean;
  /** The best quality that this device runs, in place of the fastest; absent until somebody said so or not. */
  readonly preferQuality?: boolean;
  /** Of single models, which goes before that. */
  readonly models: { readonly [id: ModelId]: ExecutionDevice | undefined };
}

const KEY = 'placement';
const PlacementSchema = v.object({
  preferCpu: v.boolean(),
  preferQuality: v.exactOptional(v.boolean()),
  models: v.record(v.pipe(v.string(), v.guard(isModelId)), v.picklist(EXECUTION_DEVICES)),
});

export async function readPlacement(settings: SettingsStore): Promise<Placement> {
  const stored = v.safeParse(PlacementSchema, await settings.get(KEY));
  return stored.success ? stored.output : { preferCpu: false, models: {} };
}

export async function setPreferCpu(settings: SettingsStore, preferCpu: boolean): Promise<void> {
  await settings.set(KEY, { ...(await readPlacement(settings)), preferCpu });
}

/** What holds of that: a person's choice or the operator's. */
export async function prefersQuality(settings: SettingsStore): Promise<boolean> {
  const [{ preferQuality }, { kiosk, devices }] = await Promise.all([readPlacement(settings), operatorRules(settings)]);
  const operators = devices.quality === undefined ? undefined : devices.quality === 'best';
  return settingThatHolds(kiosk, preferQuality, operators, false);
}

/** @throws SillError `forbidden` where only the operator decides */
export async function setPreferQuality(settings: SettingsStore, preferQuality: boolean): Promise<void> {
  await assertOwn(settings, 'quality');
  await settings.set(KEY, { ...(await readPlacement(settings)), preferQuality });
}

/** @param device absent: as it is chosen */
export async function placeModel(settings: SettingsStore, id: ModelId, device: ExecutionDevice | undefined): Promise<void> {
  const placement = await readPlacement(settings);
  const models = { ...placement.models };
  if (device) models[id] = device;
  else delete models[id];
  await settings.set(KEY, { ...placement, models });
}
