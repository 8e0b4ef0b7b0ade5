import * as v from 'valibot';
import { DownloadSettingsSchema } from './downloadSettings.ts';
import type { ErrorCode } from './errors.ts';
import { isModelId, type ModelId } from './ids.ts';
import { KioskRulesSchema } from './kiosk/rules.ts';
import { MemorySettingsSchema } from './memorySettings.ts';
import { isFirstUse } from './sources.ts';
import { UpdatePolicySchema } from './updatePolicy.ts';

/** A model that devices are to have. */
export interface ModelToGive {
  readonly id: ModelId;
  /** Of one that nobody signs for: a commit, branch or tag of its server. Absent means the newest. */
  readonly commit?: string;
}

const COMMIT = /^[\w-][\w.-]*$/;

/** `id`, or `hf:owner/name@commit`. Undefined where it names no model. */
function modelToGive(text: string): ModelToGive | undefined {
  const [id = '', commit, ...rest] = text.split('@');
  if (!isModelId(id) || rest.length > 0) return undefined;
  if (commit === undefined) return { id };
  return isFirstUse(id) && COMMIT.test(commit) ? { id, commit } : undefined;
}

const modelNamed = v.pipe(
  v.string(),
  v.check((text) => modelToGive(text) !== undefined, 'expected a model id such as "stories15m", "hf:owner/name" or "hf:owner/name@commit"'),
);

/** What the operator of a site wants of every device, as the policy file has it under `devices`. */
export const DeviceRulesSchema = v.strictObject({
  /** What is done about updates. In a kiosk nobody changes it, elsewhere it holds until a person chooses otherwise. */
  updates: v.exactOptional(UpdatePolicySchema),
  /** As `updates`, for downloads. */
  downloads: v.exactOptional(DownloadSettingsSchema),
  /** As `updates`, for models in memory. */
  memory: v.exactOptional(MemorySettingsSchema),
  /** As `updates`, for what is preferred of the forms of a model: the fastest, or the one closest to the original. */
  quality: v.exactOptional(v.picklist(['fast', 'best'])),
  /** Models that every device is to have. Their licences are accepted by the operator. */
  install: v.exactOptional(v.pipe(v.array(modelNamed), v.maxLength(64)), []),
});

export const OperatorRulesSchema = v.object({
  kiosk: v.boolean(),
  /** What the device is held to, in a kiosk. */
  held: v.exactOptional(KioskRulesSchema),
  devices: DeviceRulesSchema,
});
export type OperatorRules = v.InferOutput<typeof OperatorRulesSchema>;

export const NO_RULES: OperatorRules = { kiosk: false, devices: { install: [] } };

/** What of a device's settings only the operator decides. */
export type Decided = 'updates' | 'downloads' | 'memory' | 'quality';

export const decidedByOperator = ({ kiosk, devices }: OperatorRules): Decided[] =>
  (['updates', 'downloads', 'memory', 'quality'] as const).filter((what) => kiosk && devices[what] !== undefined);

/** The setting that holds: the operator's in a kiosk, else the device's own, else the operator's, else the default. */
export const settingThatHolds = <T>(kiosk: boolean, own: T | undefined, operators: T | undefined, otherwise: T): T =>
  (kiosk ? (operators ?? own) : (own ?? operators)) ?? otherwise;

const PASSING: ReadonlySet<ErrorCode> = new Set(['network_unavailable', 'catalog_unavailable', 'aborted', 'busy']);

/** After this an install goes on, or is tried again, by itself, and nobody has anything to mend. */
export const isPassing = (code: ErrorCode): boolean => PASSING.has(code);

/**
 * Models that the device is to be given now. One that a person took off again stays off, except in a kiosk.
 * @param given by earlier calls, whatever became of it since
 */
export function modelsToGive(
  { kiosk, held, devices }: OperatorRules,
  { installed, queued, given }: Record<'installed' | 'queued' | 'given', ReadonlySet<ModelId>>,
): ModelToGive[] {
  const wanted = new Map<ModelId, ModelToGive>();
  for (const text of [...(held?.model ? [held.model] : []), ...devices.install]) {
    const model = modelToGive(text);
    // The kiosk's own may be named among the others with its commit.
    if (model && (!wanted.has(model.id) || model.commit !== undefined)) wanted.set(model.id, model);
  }
  return [...wanted.values()].filter(({ id }) => !installed.has(id) && !queued.has(id) && (kiosk || !given.has(id)));
}
