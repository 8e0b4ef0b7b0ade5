import * as v from 'valibot';
import { isModelId, isRevisionId, isVariantId } from '../../core/ids.ts';
import type { SettingsStore } from '../../ports/store.ts';

const KEY = 'downloads-finished';
/** Of late: what a person may still look for. */
const KEPT = 20;

const bytes = v.pipe(v.number(), v.minValue(0));
const FinishedSchema = v.array(
  v.object({
    id: v.pipe(v.string(), v.guard(isModelId)),
    name: v.string(),
    revision: v.pipe(v.string(), v.guard(isRevisionId)),
    variant: v.pipe(v.string(), v.guard(isVariantId)),
    by: v.picklist(['person', 'device']),
    sizeBytes: bytes,
    receivedBytes: bytes,
    tookMs: v.number(),
    startedAtMs: v.number(),
    finishedAtMs: v.number(),
  }),
);

export type FinishedDownload = v.InferOutput<typeof FinishedSchema>[number];

/** Newest first. */
export async function finishedDownloads(settings: SettingsStore): Promise<FinishedDownload[]> {
  const stored = v.safeParse(FinishedSchema, await settings.get(KEY));
  return stored.success ? stored.output : [];
}

/** By the one tab that downloads. */
export async function noteFinished(settings: SettingsStore, finished: FinishedDownload): Promise<void> {
  const before = (await finishedDownloads(settings)).filter((each) => each.revision !== finished.revision);
  await settings.set(KEY, [finished, ...before].slice(0, KEPT));
}
