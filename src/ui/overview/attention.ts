import type { GpuCheck } from '../../core/device.ts';
import type { ErrorData } from '../../core/errors.ts';
import { endsLoss, isAtLeast, type LogEvent } from '../../core/log.ts';
import { isPassing } from '../../core/operatorRules.ts';
import type { DeviceReport, OperatorReport } from '../../protocol/engineReports.ts';
import type { ModelList } from '../../protocol/modelReports.ts';
import type { StorageReport } from '../../protocol/storageReports.ts';
import type { UpdateStatus } from '../../protocol/updateReports.ts';

/** Something that a person should look at; with each there is one thing that helps, see attention-list.ts. */
export type Attention =
  | { readonly kind: 'app-update' | 'policy-broken' | 'storage-evictable' }
  /** `part`: in 16 bits alone. */
  | { readonly kind: 'gpu-wrong' | 'gpu-untested'; readonly part?: 'f16' }
  | { readonly kind: 'catalog-stale'; readonly sinceMs?: number }
  | { readonly kind: 'storage-full'; readonly freeBytes: number }
  | { readonly kind: 'models-vanished'; readonly names: readonly string[] }
  | { readonly kind: 'damaged' | 'install-failed'; readonly model: string; readonly name: string }
  /** One that the operator wants here. */
  | { readonly kind: 'not-given'; readonly model: string; readonly name: string; readonly error: ErrorData }
  | { readonly kind: 'awaits-consent'; readonly model: string; readonly name: string; readonly leftBytes: number }
  | { readonly kind: 'update-failed' | 'withdrawn' | 'offered'; readonly model: string; readonly name: string }
  /** A line of the log says more. */
  | { readonly kind: 'gpu-lost' | 'model-lost'; readonly model: string; readonly name: string; readonly event: number };

/** What is only news, and what the browser may do one day, is nothing that does not work. */
export const isNews = ({ kind }: Attention): boolean => kind === 'offered' || kind === 'app-update' || kind === 'storage-evictable';

export interface Situation {
  readonly list: ModelList;
  readonly updateWaiting: boolean;
  readonly status?: UpdateStatus | undefined;
  readonly storage?: StorageReport | undefined;
  readonly operator?: OperatorReport | undefined;
  /** What the graphics processor was found to compute. */
  readonly checks?: DeviceReport['checks'] | undefined;
  /** Oldest first. */
  readonly events: readonly LogEvent[];
  readonly nowMs: number;
}

/** Below this an update of a usual model may find no room. */
const LEAST_FREE_BYTES = 500e6;
const MOST_USED = 0.9;
/** What went wrong longer ago and not again is history. */
const RECENT_MS = 3 * 24 * 60 * 60_000;

/** What needs somebody, the most urgent first. */
export function attentionOf({ list, updateWaiting, status, storage, operator, checks, events, nowMs }: Situation): Attention[] {
  const nameOf = (id: string): string => list.models.find((model) => model.id === id)?.name ?? id;
  const about = (id: string) => ({ model: id, name: nameOf(id) });
  const updates = status?.lastReport?.models ?? [];
  const installed = list.models.some((model) => model.installed);
  const staleSinceMs = list.catalogStaleSinceMs ?? (status?.lastReport?.stale ? status.lastReport.expiresAtMs : undefined);
  return [
    ...(storage && storage.lost.length > 0 ? [{ kind: 'models-vanished', names: storage.lost.map(({ name }) => name) } as const] : []),
    ...list.models.flatMap(({ id, lost }) => (lost ? [{ kind: 'damaged', ...about(id) } as const] : [])),
    ...losses(events, nowMs).map(
      ({ id, model, details }) =>
        ({ kind: details.error === 'device_lost' ? 'gpu-lost' : 'model-lost', ...about(model), event: id }) as const,
    ),
    ...(checks ? exclusions(checks) : []),
    ...updates.flatMap(({ id, withheld }) =>
      withheld.some(({ why }) => why.kind === 'quarantined') ? [{ kind: 'update-failed', ...about(id) } as const] : [],
    ),
    ...updates.flatMap(({ id, withdrawn }) =>
      withdrawn.some(({ isActive }) => isActive) ? [{ kind: 'withdrawn', ...about(id) } as const] : [],
    ),
    ...list.models.flatMap(({ id, state, error }) =>
      state === 'unfinished' && error && error.code !== 'aborted' ? [{ kind: 'install-failed', ...about(id) } as const] : [],
    ),
    ...notGiven(operator, list).map(({ id, error }) => ({ kind: 'not-given', ...about(id), error }) as const),
    ...list.models.flatMap(({ id, progress }) =>
      progress?.waiting === 'metered'
        ? [{ kind: 'awaits-consent', ...about(id), leftBytes: progress.totalBytes - progress.storedBytes } as const]
        : [],
    ),
    ...(storage ? fullness(storage) : []),
    ...(installed && storage && !storage.persisted ? [{ kind: 'storage-evictable' } as const] : []),
    ...(staleSinceMs !== undefined || status?.lastReport?.stale
      ? [{ kind: 'catalog-stale', ...(staleSinceMs === undefined ? {} : { sinceMs: staleSinceMs }) } as const]
      : []),
    ...(operator?.lastError && operator.lastError.code !== 'network_unavailable' ? [{ kind: 'policy-broken' } as const] : []),
    ...updates.flatMap(({ id, offer }) => (offer ? [{ kind: 'offered', ...about(id) } as const] : [])),
    ...(updateWaiting ? [{ kind: 'app-update' } as const] : []),
  ];
}

/** What began and stopped stands among the downloads. */
const notGiven = (operator: OperatorReport | undefined, { models }: ModelList) =>
  (operator?.failed ?? []).filter(
    ({ id, error }) => !isPassing(error.code) && !models.some((model) => model.id === id && model.state === 'unfinished'),
  );

function fullness({ quotaBytes, usageBytes }: StorageReport): Attention[] {
  if (quotaBytes === undefined || usageBytes === undefined) return [];
  const freeBytes = Math.max(0, quotaBytes - usageBytes);
  return freeBytes < LEAST_FREE_BYTES || usageBytes > quotaBytes * MOST_USED ? [{ kind: 'storage-full', freeBytes }] : [];
}

/** Why models do not run on the graphics processor. What holds in 32 bits makes 16 not worth a line of its own. */
function exclusions({ fp32, f16 }: DeviceReport['checks']): Attention[] {
  const wholly = fp32 && excluding(fp32);
  if (wholly) return [{ kind: wholly }];
  const partly = f16 && excluding(f16);
  return partly ? [{ kind: partly, part: 'f16' }] : [];
}

const excluding = ({ verdict }: GpuCheck): 'gpu-wrong' | 'gpu-untested' | undefined =>
  verdict === 'right' ? undefined : verdict === 'wrong' ? 'gpu-wrong' : 'gpu-untested';

/** The last loss of each model that was not followed by a start which went well. */
function losses(events: readonly LogEvent[], nowMs: number): Array<LogEvent & { readonly model: string }> {
  const last = new Map<string, LogEvent & { readonly model: string }>();
  for (const event of events) {
    const { code, model, atMs } = event;
    if (model === undefined) continue;
    if (code === 'model-lost' && isAtLeast(event.level, 'warning') && nowMs - atMs < RECENT_MS) last.set(model, { ...event, model });
    else if (endsLoss(code)) last.delete(model);
  }
  return [...last.values()];
}
